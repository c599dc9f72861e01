/** Calculations over all tiers of a week: they rest on the week's capture set, since a capture holds one tier only. */
import { ExactSum } from "../../numeric/exact-sum.js";
import { ratioText } from "../../numeric/ratio-text.js";
import { verdict } from "../../quality/patterns.js";
import type { CalcRow } from "../canonical-rows.js";
import { addsUpTo, fractions, neverNegative, sharesAddUp, uniqueRows } from "./calc-checks.js";
import { byKey, declared, type FinraCalculation, type FinraInput, totalsOf, weekAndSymbol } from "./finra-input.js";
import { TIERS } from "./tiers.js";

interface Cell {
  readonly shares: ExactSum;
  readonly trades: ExactSum;
}

/** Sums per symbol and second key over the week's captures. */
function crossTable(input: FinraInput, column: "mpid" | "tier"): ReadonlyMap<string, ReadonlyMap<string, Cell>> {
  const symbols = new Map<string, Map<string, Cell>>();
  for (const part of input.parts) {
    if (part.week_ending !== input.week_ending) continue;
    for (const row of part.rows) {
      let cells = symbols.get(row.symbol);
      if (cells === undefined) {
        cells = new Map();
        symbols.set(row.symbol, cells);
      }
      const key = column === "tier" ? part.tier : row.mpid;
      let cell = cells.get(key);
      if (cell === undefined) {
        cell = { shares: new ExactSum(), trades: new ExactSum() };
        cells.set(key, cell);
      }
      cell.shares.add(row.shares);
      cell.trades.add(row.trades);
    }
  }
  return symbols;
}

function sumOf(cells: ReadonlyMap<string, Cell>): bigint {
  return [...cells.values()].reduce((sum, { shares }) => sum + shares.total, 0n);
}

function shareRows(input: FinraInput, column: "mpid" | "tier", name: string): readonly CalcRow[] {
  return byKey(crossTable(input, column)).flatMap(([symbol, cells]) => {
    const total = sumOf(cells);
    return byKey(cells).map(([key, { shares, trades }]) => ({
      week_ending: input.week_ending,
      symbol,
      [column]: key,
      total_shares: shares.total,
      total_trades: trades.total,
      [name]: ratioText(shares.total, total === 0n ? 1n : total),
    }));
  });
}

const weekVolume = (input: FinraInput): bigint =>
  input.parts.filter((part) => part.week_ending === input.week_ending).reduce((sum, part) => sum + totalsOf(part.rows).shares, 0n);

/** `all_tiers_present`: a week whose tiers are not all there is computed on those that are, and told. */
export const allTiers: FinraCalculation["checks"][number] = {
  name: "all_tiers_present",
  check: (_, input) => {
    const missing = TIERS.filter((tier) => !input.parts.some((part) => part.tier === tier && part.week_ending === input.week_ending));
    const message = missing.length === 0 ? "every tier is there" : `tiers are missing: ${missing.join(", ")}`;
    const facts = {
      check: "all_tiers_present",
      category: "COMPLETENESS",
      subject: input.week_ending,
      measured: missing.length,
      threshold: 0,
      message,
    } as const;
    return [verdict(facts, missing.length === 0, { status: "WARN", severity: "WARN" })];
  },
};

export const weeklySymbolVenueVolume: FinraCalculation = declared({
  calc_name: "weekly_symbol_venue_volume",
  description: "Shares and trades of each symbol at each venue in a week, over all tiers",
  business_keys: ["week_ending", "symbol", "mpid"],
  versions: ["v1"],
  current: "v1",
  scope: "capture_set",
  implementations: {
    v1: {
      compute: (input) =>
        byKey(crossTable(input, "mpid")).flatMap(([symbol, cells]) =>
          byKey(cells).map(([mpid, { shares, trades }]) => ({
            week_ending: input.week_ending,
            symbol,
            mpid,
            total_shares: shares.total,
            total_trades: trades.total,
          })),
        ),
    },
  },
  checks: [
    allTiers,
    uniqueRows(["week_ending", "symbol", "mpid"]),
    ...neverNegative("total_shares", "total_trades"),
    addsUpTo("total_shares", weekVolume),
  ],
});

export const weeklySymbolVenueShare: FinraCalculation = declared({
  calc_name: "weekly_symbol_venue_share",
  description: "Each venue's share of a symbol's volume in a week, over all tiers",
  business_keys: ["week_ending", "symbol", "mpid"],
  versions: ["v1"],
  current: "v1",
  scope: "capture_set",
  implementations: { v1: { compute: (input) => shareRows(input, "mpid", "venue_share") } },
  checks: [allTiers, uniqueRows(["week_ending", "symbol", "mpid"]), sharesAddUp(weekAndSymbol, "venue_share"), ...fractions("venue_share")],
});

/** Above 0.25 a symbol's trading is concentrated, below 0.15 competitive. */
const CONCENTRATED = { n: 25n, d: 100n };
const COMPETITIVE = { n: 15n, d: 100n };

export const weeklySymbolVenueConcentrationHhi: FinraCalculation = declared({
  calc_name: "weekly_symbol_venue_concentration_hhi",
  description: "Herfindahl-Hirschman index of a symbol's venues in a week, 0 to 1",
  business_keys: ["week_ending", "symbol"],
  versions: ["v1"],
  current: "v1",
  scope: "capture_set",
  implementations: {
    v1: {
      compute: (input) =>
        byKey(crossTable(input, "mpid")).map(([symbol, cells]) => {
          const total = sumOf(cells);
          const whole = total === 0n ? 1n : total * total;
          const squares = [...cells.values()].reduce((sum, { shares }) => sum + shares.total * shares.total, 0n);
          const level =
            squares * CONCENTRATED.d > CONCENTRATED.n * whole
              ? "concentrated"
              : squares * COMPETITIVE.d < COMPETITIVE.n * whole
                ? "competitive"
                : "moderate";
          return {
            week_ending: input.week_ending,
            symbol,
            venue_count: cells.size,
            hhi: ratioText(squares, whole),
            level: total === 0n ? null : level,
          };
        }),
    },
  },
  checks: [allTiers, uniqueRows(["week_ending", "symbol"]), ...fractions("hhi"), ...neverNegative("venue_count")],
});

export const weeklySymbolTierVolumeShare: FinraCalculation = declared({
  calc_name: "weekly_symbol_tier_volume_share",
  description: "How a symbol's volume of a week splits over the tiers",
  business_keys: ["week_ending", "symbol", "tier"],
  versions: ["v1"],
  current: "v1",
  scope: "capture_set",
  implementations: { v1: { compute: (input) => shareRows(input, "tier", "tier_volume_share") } },
  checks: [
    allTiers,
    uniqueRows(["week_ending", "symbol", "tier"]),
    sharesAddUp(weekAndSymbol, "tier_volume_share"),
    ...fractions("tier_volume_share"),
    addsUpTo("total_shares", weekVolume),
  ],
});
