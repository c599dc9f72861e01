/** From levels by day to the market of the last day and the scenarios that its history makes. */
import { dayOfText, formatDay } from "../../market/civil-date.js";
import { byCodeUnits } from "../input-checks.js";
import { type HistoryFactor, historicalScenarios, type MissingLevels } from "../portfolio/historical-scenarios.js";
import type { MarketSnapshot } from "../portfolio/market-snapshot.js";
import { currencyOf, type RiskPosition, underlyingOf } from "../portfolio/position.js";
import type { Scenario } from "../portfolio/scenario.js";
import { measured, type RiskOutcome, refused } from "../risk-outcome.js";

/** What a level is of. A `dividend` is a yearly yield: it is part of the market and moves in no scenario. A `volume` is units traded that day, a `spread` ask less bid over the middle: they say how long an exit takes and what it costs. */
export type LevelKind = "spot" | "volatility" | "fx" | "rate" | "dividend" | "volume" | "spread";

/** Every kind, in the order of the reference. */
export const LEVEL_KINDS: readonly LevelKind[] = ["spot", "volatility", "fx", "rate", "dividend", "volume", "spread"];

/** One level of one day, as a file of prices states it. */
export interface Level {
  /** `YYYY-MM-DD`. */
  readonly day: string;
  readonly kind: LevelKind;
  /** A symbol, an underlying or pair, a pair, a currency. */
  readonly name: string;
  /** Decimal text; null where the file leaves it empty. */
  readonly value: string | null;
  /** Currency of a spot's price; null for everything else. */
  readonly currency: string | null;
}

/** Terms of a history of scenarios. */
export interface PriceHistoryInput {
  readonly levels: readonly Level[];
  readonly positions: readonly RiskPosition[];
  /** Reporting currency. */
  readonly currency: string;
  readonly missing: MissingLevels;
}

/** A market and its past. */
export interface PriceHistory {
  readonly market: MarketSnapshot;
  /** Days, oldest first; the last one is the market's. */
  readonly days: readonly string[];
  /** What moves: what the positions need and the last day has. */
  readonly factors: readonly HistoryFactor[];
  readonly rows: readonly { readonly name: string; readonly levels: readonly (string | null)[] }[];
  readonly missing: MissingLevels;
  /** How each symbol trades; empty where no file says. */
  readonly traded: ReadonlyMap<string, Traded>;
}

/** How a symbol trades. */
export interface Traded {
  /** Mean units a day over the last days that say so; null where none does. */
  readonly daily_volume: number | null;
  /** Newest spread as a fraction of the middle. */
  readonly spread: number | null;
}

/** Scenarios over a horizon. */
export interface HorizonScenarios {
  readonly scenarios: readonly Scenario[];
  /** Levels that stood in for missing ones, and scenarios that were left out. */
  readonly carried: number;
  readonly dropped: readonly string[];
  /** Neighbouring scenarios share days: what they say is not independent. */
  readonly overlapping: boolean;
}

/** The market of the last day, and the levels of the days before. */
export function priceHistory({ levels, positions, currency, missing }: PriceHistoryInput): PriceHistory {
  const days = [...new Set(levels.map(({ day }) => day))].sort(byCodeUnits);
  const last = days.at(-1) ?? "";
  const byDay = new Map(days.map((day) => [day, new Map<string, string | null>()]));
  for (const { day, kind, name, value } of levels) byDay.get(day)?.set(`${kind} ${name}`, value);
  const market = marketOf(levels, last, currency);
  const today = byDay.get(last) ?? new Map<string, string | null>();
  const needed = neededNames(positions);
  const factors = FACTOR_KINDS.flatMap((kind) =>
    namesOf(levels, kind)
      .filter((name) => (kind === "fx" || needed[kind].has(name)) && (today.get(`${kind} ${name}`) ?? null) !== null)
      .map((name): HistoryFactor => ({ kind, name })),
  );
  const rows = days.map((day) => ({ name: day, levels: factors.map(({ kind, name }) => byDay.get(day)?.get(`${kind} ${name}`) ?? null) }));
  return { market, days, factors, rows, missing, traded: tradedOf(levels) };
}

const FACTOR_KINDS = ["spot", "volatility", "fx", "rate"] as const;

function neededNames(positions: readonly RiskPosition[]): Readonly<Record<"spot" | "volatility" | "rate", ReadonlySet<string>>> {
  const needed = { spot: new Set<string>(), volatility: new Set<string>(), rate: new Set<string>() };
  for (const position of positions) {
    if (position.kind === "stock" || position.kind === "option") needed.spot.add(underlyingOf(position));
    if (position.kind === "option" || position.kind === "fx_option") needed.volatility.add(underlyingOf(position));
    if (position.kind !== "stock" && position.kind !== "fx") needed.rate.add(currencyOf(position));
    if (position.kind === "fx_forward" || position.kind === "fx_option") needed.rate.add(position.base);
  }
  return needed;
}

function namesOf(levels: readonly Level[], kind: LevelKind): readonly string[] {
  return [...new Set(levels.filter((level) => level.kind === kind).map(({ name }) => name))].sort(byCodeUnits);
}

/** Days that a mean volume is taken over. */
const VOLUME_DAYS = 20;

function tradedOf(levels: readonly Level[]): ReadonlyMap<string, Traded> {
  const series = (kind: LevelKind, name: string): readonly number[] =>
    levels
      .filter((level) => level.kind === kind && level.name === name && level.value !== null)
      .toSorted((a, b) => byCodeUnits(a.day, b.day))
      .map(({ value }) => Number(value));
  const names = [...new Set([...namesOf(levels, "volume"), ...namesOf(levels, "spread")])];
  return new Map(
    names.map((name) => {
      const volumes = series("volume", name).slice(-VOLUME_DAYS);
      const daily_volume = volumes.length === 0 ? null : volumes.reduce((sum, volume) => sum + volume, 0) / volumes.length;
      return [name, { daily_volume, spread: series("spread", name).at(-1) ?? null }];
    }),
  );
}

/** Days from the market's own to the one node of a flat curve. */
export const FLAT_NODE_DAYS = 365;

function marketOf(levels: readonly Level[], last: string, currency: string): MarketSnapshot {
  const today = (kind: LevelKind) =>
    levels.flatMap((level) =>
      level.kind === kind && level.day === last && level.value !== null ? [{ ...level, value: level.value }] : [],
    );
  const dividends = new Map(today("dividend").map(({ name, value }) => [name, value]));
  const prices = new Map(today("spot").map(({ name, value }) => [name, value]));
  const currencies = new Map(levels.filter(({ kind }) => kind === "spot").map((level) => [level.name, level.currency ?? ""]));
  const quotes = today("fx").map(({ name, value }) => ({ pair: name, rate: value }));
  const stated = new Set(quotes.flatMap(({ pair }) => pair.split("/")));
  return {
    as_of: last,
    spots: [...currencies].map(([symbol, code]) => ({
      symbol,
      currency: code,
      price: prices.get(symbol) ?? null,
      dividend_yield: dividends.get(symbol) ?? "0",
    })),
    volatilities: today("volatility").map(({ name, value }) => ({ underlying: name, expiry: null, strike: null, volatility: value })),
    curves: today("rate").map(({ name, value }) => ({
      currency: name,
      day_count: "ACT/365F",
      interpolation: "linear_zero",
      extrapolation: "flat_zero",
      nodes: [{ day: formatDay(dayOfText(last) + FLAT_NODE_DAYS), zero_rate: value }],
    })),
    fx: { pivot: quotes.length === 0 || stated.has(currency) ? currency : ([...stated].sort(byCodeUnits)[0] ?? currency), quotes },
  };
}

/**
 * One scenario per move over `days` steps of the history, named by the later day. Windows of several steps overlap.
 *
 * @returns refused as {@link historicalScenarios}, or with `TOO_FEW_SCENARIOS` where the history is no longer than the horizon.
 */
export function horizonScenarios({ rows, factors, missing }: PriceHistory, steps: number): RiskOutcome<HorizonScenarios> {
  const single = historicalScenarios({ factors, rows, missing });
  if (!single.ok) return single;
  if (steps === 1) return measured({ ...single.value, overlapping: false });
  const filled = missing === "carry_forward" ? carried(rows) : rows;
  const scenarios: Scenario[] = [];
  const dropped: string[] = [];
  for (const [n, now] of filled.entries()) {
    const before = filled[n - steps];
    if (before === undefined) continue;
    const move = historicalScenarios({ factors, rows: [before, now], missing: "drop_scenario" });
    if (move.ok) scenarios.push(...move.value.scenarios);
    else dropped.push(now.name);
  }
  if (scenarios.length === 0) return refused("TOO_FEW_SCENARIOS", { n: 0, at_least: 1, dropped: dropped.length });
  return measured({ scenarios, carried: single.value.carried, dropped, overlapping: true });
}

function carried(rows: PriceHistory["rows"]): PriceHistory["rows"] {
  let before: readonly (string | null)[] = [];
  return rows.map(({ name, levels }) => {
    before = levels.map((level, f) => level ?? before[f] ?? null);
    return { name, levels: before };
  });
}
