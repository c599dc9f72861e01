/** The two worked examples of the guide: a new calculation, and a second version of an old one. */
import { expect, test } from "vitest";
import { CalcRegistry, CalcRegistryRefused } from "../../src/core/calc/calc-registry.js";
import { compareRows } from "../../src/core/calc/canonical-rows.js";
import { fractions, uniqueRows } from "../../src/core/calc/finra-otc/calc-checks.js";
import { byKey, currentPart, declared, type FinraCalculation, totalsBy } from "../../src/core/calc/finra-otc/finra-input.js";
import { finraRegistry } from "../../src/core/calc/finra-otc/finra-registry.js";
import { ratioText } from "../../src/core/numeric/ratio-text.js";
import { moveCalcVersion } from "../../src/usecases/govern-calculations.js";
import { CalcWorkspace } from "../support/calc-workspace.js";

const single: FinraCalculation = declared({
  calc_name: "single_venue_share",
  description: "Share of a tier's symbols that trade at one venue only",
  business_keys: ["week_ending", "tier"],
  versions: ["v1"],
  current: "v1",
  scope: "capture",
  implementations: {
    v1: {
      compute: (input) => {
        const part = currentPart(input);
        const symbols = byKey(totalsBy(part.rows, "symbol"));
        const alone = symbols.filter(([, totals]) => totals.count === 1).length;
        return [{ week_ending: part.week_ending, tier: part.tier, share: ratioText(BigInt(alone), BigInt(symbols.length)) }];
      },
    },
  },
  checks: [uniqueRows(["week_ending", "tier"]), ...fractions("share")],
});

const byVolume: FinraCalculation = {
  ...single,
  versions: ["v1", "v2"],
  implementations: {
    ...single.implementations,
    v2: {
      compute: (input) => {
        const part = currentPart(input);
        const symbols = byKey(totalsBy(part.rows, "symbol"));
        const sum = (some: typeof symbols): bigint => some.reduce((total, [, { shares }]) => total + shares, 0n);
        const alone = sum(symbols.filter(([, totals]) => totals.count === 1));
        return [{ week_ending: part.week_ending, tier: part.tier, share: ratioText(alone, sum(symbols) || 1n) }];
      },
    },
  },
};

const WEEKS = ["2025-12-19", "2025-12-26"];

async function workspaceWith(calc: FinraCalculation): Promise<CalcWorkspace> {
  const workspace = await CalcWorkspace.open({ registry: finraRegistry([calc]) });
  for (const week of WEEKS) {
    await workspace.take(week, [
      ["A", "ETRD", 900, 9],
      ["B", "ETRD", 50, 1],
      ["B", "SCHW", 50, 1],
    ]);
  }
  return workspace;
}

test("a new calculation is a declaration and one registration: it runs, is checked, and is queried like any other", async () => {
  const workspace = await workspaceWith(single);
  expect(await workspace.run("single_venue_share", WEEKS)).toMatchObject({ status: "success", processed: 2 });
  expect((await workspace.rows("single_venue_share")).map((row) => [row["week_ending"], row["share"], row["calc_version"]])).toEqual([
    ["2025-12-19", "0.5", "v1"],
    ["2025-12-26", "0.5", "v1"],
  ]);
});

test("without a quality check, or without an implementation of its version, it is refused at start-up", () => {
  expect(() => new CalcRegistry([{ ...single, checks: [] }])).toThrow(CalcRegistryRefused);
  expect(() => new CalcRegistry([{ ...single, versions: ["v1", "v2"] }])).toThrow("nothing computes v2");
});

test("a v2: function and wiring, a backfill beside v1, activation, deprecation of v1, and v1 as it was", async () => {
  const workspace = await workspaceWith(byVolume);
  const { ports, log, registry } = workspace;
  await workspace.run("single_venue_share", WEEKS);
  const before = await workspace.rows("single_venue_share", { versions: { version: "v1" } });
  // Backfill: v2 for all weeks, before anybody reads it.
  await workspace.run("single_venue_share", WEEKS, { version: "v2" });
  expect((await workspace.rows("single_venue_share")).map((row) => row["calc_version"])).toEqual(["v1", "v1"]);
  const move = { calc_name: "single_venue_share", by: "analyst-1", reason: "a share of volume says more" } as const;
  await moveCalcVersion(ports, log, registry, { ...move, calc_version: "v2", move: "activate" });
  await moveCalcVersion(ports, log, registry, { ...move, calc_version: "v1", move: "deprecate" });
  expect((await workspace.rows("single_venue_share")).map((row) => [row["calc_version"], row["share"]])).toEqual([
    ["v2", "0.9"],
    ["v2", "0.9"],
  ]);
  const after = await workspace.rows("single_venue_share", { versions: { version: "v1" } });
  expect(compareRows(before, after).equal).toBe(true);
  expect((await workspace.run("single_venue_share", WEEKS, { version: "v1" })).warnings).toEqual([
    "single_venue_share v1 is deprecated; use v2",
  ]);
});
