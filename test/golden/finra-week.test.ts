/** The fixture and the real week, against the reference figures of the domain and against sums made here in another way. */
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { sha256Bytes } from "../../src/adapters/node-hash/sha256.js";
import type { WeekPart } from "../../src/core/calc/finra-otc/finra-input.js";
import { FINRA_CALCULATIONS } from "../../src/core/calc/finra-otc/finra-registry.js";
import { contentHash } from "../../src/core/calc/finra-otc/ids.js";
import { normalise } from "../../src/core/calc/finra-otc/normalise.js";
import { computed, failedChecks, finraInput, normalisedFile, readWeekly } from "../support/finra-week.js";
import { nearest, over, plus, rational, textOf } from "../support/rational.js";
import { describeShared, sharedPath } from "../support/shared-data.js";

async function part(path: string, week: string): Promise<WeekPart> {
  const { rows } = await normalisedFile(path, week, "OTC");
  return { capture_id: "c", captured_at: 1, week_ending: week, tier: "OTC", rows, grade: "A" };
}

describeShared("the fixture of the week ending 2025-12-26", () => {
  const path = (): string => sharedPath("finra", "fixtures", "otc", "week_2025-12-26.psv");

  test("50 rows, 2 symbols, 30 venues, 6,938,176 shares and 100,483 trades", async () => {
    const { rows, rejects, file, other_tier } = await normalisedFile(path(), "2025-12-26", "OTC");
    expect([file.raw_count, rows.length, rejects.length, other_tier]).toEqual([50, 50, 0, 50]);
    const input = finraInput([await part(path(), "2025-12-26")]);
    const summary = computed("symbol_summary", input);
    expect(summary.map((row) => [row["symbol"], row["total_shares"]])).toEqual([
      ["A", 3_827_870n],
      ["AA", 3_110_306n],
    ]);
    expect(summary.reduce((sum, row) => sum + (row["total_trades"] as bigint), 0n)).toBe(100_483n);
    expect(computed("venue_share", input)).toHaveLength(30);
  });

  test("venue share: INCR leads with 0.21299257902941637, ranks run from 1 to 30", async () => {
    const input = finraInput([await part(path(), "2025-12-26")]);
    const rows = computed("venue_share", input);
    expect(rows.slice(0, 5).map((row) => [row["mpid"], row["total_volume"]])).toEqual([
      ["INCR", 1_477_780n],
      ["MSPL", 717_900n],
      ["EBXL", 574_419n],
      ["UBSA", 552_309n],
      ["MLIX", 448_407n],
    ]);
    expect(Number(rows[0]?.["market_share_pct"])).toBe(0.21299257902941637);
    expect(rows.map((row) => row["rank"])).toEqual(Array.from({ length: 30 }, (_, at) => at + 1));
    expect(failedChecks("venue_share", input)).toEqual([]);
  });

  test("the mean index over symbols is 0.1105207997", async () => {
    const rows = computed("weekly_symbol_venue_concentration_hhi", finraInput([await part(path(), "2025-12-26")]));
    const sum = rows.reduce((total, row) => plus(total, rational(String(row["hhi"]))), rational(0n));
    expect(nearest(over(sum, rational(2n)), 10)).toBe(1_105_207_997n);
  });
});

describeShared("the real week published on 2025-12-15", () => {
  const path = (): string => sharedPath("finra", "weekly", "finra_otc_weekly_otc_20251215.csv");

  test("5,328 rows, 3,111 symbols, 9 venues, 1,335,995,901 shares, 472,776 trades, bytes 3c9664fc922059a2", async () => {
    const bytes = readFileSync(path());
    expect(contentHash(bytes, sha256Bytes)).toBe("3c9664fc922059a2");
    const file = await readWeekly(bytes, "finra_otc_weekly_otc_20251215.csv");
    const { rows, rejects, other_tier } = normalise(file.rows, file.layout, { week_ending: "2025-12-12", tier: "OTC" });
    expect([file.raw_count, rows.length, rejects.length, other_tier, file.last_update]).toEqual([5_328, 5_328, 0, 0, "2025-12-15"]);
    const input = finraInput([await part(path(), "2025-12-12")]);
    const summary = computed("symbol_summary", input);
    expect(summary).toHaveLength(3_111);
    expect(summary.reduce((sum, row) => sum + (row["total_shares"] as bigint), 0n)).toBe(1_335_995_901n);
    expect(summary.reduce((sum, row) => sum + (row["total_trades"] as bigint), 0n)).toBe(472_776n);
    expect(summary.filter((row) => row["venue_count"] === 1)).toHaveLength(1_625);
  });

  test("the nine venues by volume, OTCN with 0.8218839348, and a venue index of 0.697247515", async () => {
    const rows = computed("venue_share", finraInput([await part(path(), "2025-12-12")]));
    expect(rows.map((row) => [row["mpid"], row["total_volume"]])).toEqual([
      ["OTCN", 1_098_033_568n],
      ["OTCX", 192_693_090n],
      ["ARCA", 41_003_592n],
      ["SWCL", 4_124_679n],
      ["PPEX", 115_190n],
      ["PROS", 15_430n],
      ["ALTS", 5_316n],
      ["SMKT", 5_026n],
      ["STEN", 10n],
    ]);
    expect(textOf(rational(String(rows[0]?.["market_share_pct"])), 10)).toBe("0.8218839348");
    const hhi = rows.reduce((sum, row) => {
      const share = rational(String(row["market_share_pct"]));
      return plus(sum, { n: share.n * share.n, d: share.d * share.d });
    }, rational(0n));
    expect(textOf(hhi, 9)).toBe("0.697247515");
  });

  test("the mean index over symbols is 0.810250075", async () => {
    const rows = computed("weekly_symbol_venue_concentration_hhi", finraInput([await part(path(), "2025-12-12")]));
    const mean = over(
      rows.reduce((sum, row) => plus(sum, rational(String(row["hhi"]))), rational(0n)),
      rational(BigInt(rows.length)),
    );
    expect(textOf(mean, 9)).toBe("0.810250075");
  });

  test("every calculation that needs one week only passes its own checks on it", async () => {
    const input = finraInput([await part(path(), "2025-12-12")]);
    for (const calc of FINRA_CALCULATIONS) {
      if (calc.scope === "window" || calc.calc_name === "volume_per_trading_day") continue;
      for (const version of calc.versions)
        expect([calc.calc_name, failedChecks(calc.calc_name, input, version)]).toEqual([
          calc.calc_name,
          // The other tiers of that week are not at hand.
          calc.scope === "capture_set" ? ["all_tiers_present WARN WARN"] : [],
        ]);
    }
  });

  test("the trade-size histogram holds every share and every trade, in buckets that another road gives as well", async () => {
    const input = finraInput([await part(path(), "2025-12-12")]);
    const rows = computed("trade_size_histogram", input);
    const ends = [100, 500, 1_000, 5_000, 10_000, 100_000, Number.POSITIVE_INFINITY];
    const counted = ends.map(() => 0);
    for (const line of readFileSync(path(), "utf8").trimEnd().split("\n").slice(1)) {
      const cells = line.split("|");
      const size = Number(cells[5]) / Number(cells[6]);
      const at = ends.findIndex((end) => size < end);
      counted[at] = (counted[at] ?? 0) + 1;
    }
    expect(rows.map((row) => row["row_count"])).toEqual([0, ...counted]);
  });
});
