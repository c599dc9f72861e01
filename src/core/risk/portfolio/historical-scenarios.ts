/** Scenarios from history: each step of a table of levels, applied to today. */
import { decimalPlaces, divideHalfEven, formatBig, parseBig, pow10Big } from "../../money/decimal.js";
import { decimalOfNumber } from "../../money/from-number.js";
import { RATE_SCALE } from "../../money/units.js";
import { duplicateErrors } from "../input-checks.js";
import { measured, type RiskError, type RiskOutcome, refused, refusedWith, riskError } from "../risk-outcome.js";
import { decimal, named } from "./position.js";
import type { Scenario, Shock } from "./scenario.js";

/** A column of levels. Spots, volatilities and rates of exchange move relatively, zero rates by differences. */
export type HistoryFactor =
  | { readonly kind: "spot"; readonly name: string }
  | { readonly kind: "volatility"; readonly name: string }
  /** A pair that the rate set states, or its inverse. */
  | { readonly kind: "fx"; readonly name: string }
  /** A currency, for all its zero rates. */
  | { readonly kind: "rate"; readonly name: string };

/** What to do about a level that is missing; the default in files and commands is `reject`. */
export type MissingLevels = "reject" | "carry_forward" | "drop_scenario";

/** Terms of historical scenarios. */
export interface HistoryInput {
  readonly factors: readonly HistoryFactor[];
  /** Oldest first; `name` is usually a day. One decimal per factor, or null. */
  readonly rows: readonly { readonly name: string; readonly levels: readonly (string | null)[] }[];
  readonly missing: MissingLevels;
}

/** Scenarios, one per step, named by the later row. */
export interface HistoricalScenarios {
  readonly scenarios: readonly Scenario[];
  /** Levels that stood in for missing ones, and steps that were left out. */
  readonly carried: number;
  readonly dropped: readonly string[];
}

/**
 * Turns levels into scenarios.
 *
 * @returns refused with `DUPLICATE_NAME`, `LENGTHS_DIFFER`, `DECIMAL_INVALID`, `NOT_POSITIVE` for a level that is no divisor, `NOT_FINITE` for
 * a missing level under `reject` or one with nothing before it to carry, or `TOO_FEW_SCENARIOS` below two rows.
 */
export function historicalScenarios({ factors, rows, missing }: HistoryInput): RiskOutcome<HistoricalScenarios> {
  const errors = historyErrors({ factors, rows, missing });
  if (errors.length > 0) return refusedWith(errors);
  let carried = 0;
  const dropped: string[] = [];
  const scenarios: Scenario[] = [];
  let before = rows[0]?.levels ?? [];
  for (const { name, levels } of rows.slice(1)) {
    const filled = levels.map((level, f) => level ?? (missing === "carry_forward" ? (before[f] ?? null) : null));
    carried += filled.filter((level, f) => level !== null && levels[f] === null).length;
    const [old, now] = [complete(before), complete(filled)];
    if (old === null || now === null) dropped.push(name);
    else scenarios.push(scenarioOf(name, factors, old, now));
    before = filled;
  }
  return scenarios.length === 0
    ? refused("TOO_FEW_SCENARIOS", { n: 0, at_least: 1, dropped: dropped.length })
    : measured({ scenarios, carried, dropped });
}

function complete(levels: readonly (string | null)[]): readonly string[] | null {
  const present = levels.filter((level) => level !== null);
  return present.length === levels.length ? present : null;
}

function historyErrors({ factors, rows, missing }: HistoryInput): readonly RiskError[] {
  const keys = factors.map(({ kind, name }) => `${kind} ${name}`);
  const names = rows.map(({ name }) => name);
  const errors: RiskError[] = [
    ...duplicateErrors("factors", keys),
    ...duplicateErrors("rows", names),
    ...(rows.length < 2 ? [riskError("TOO_FEW_SCENARIOS", { n: rows.length, at_least: 2 })] : []),
  ];
  for (const [r, { name, levels }] of rows.entries()) {
    errors.push(...named(`rows/${r}/name`, name));
    if (levels.length !== factors.length)
      errors.push(riskError("LENGTHS_DIFFER", { field: `rows/${name}`, length: levels.length, expected: factors.length }));
    for (const [f, level] of levels.entries()) {
      const field = `rows/${name}/${keys[f] ?? f}`;
      const unfillable = missing === "reject" || (missing === "carry_forward" && r === 0);
      if (level !== null) errors.push(...levelErrors(field, level, factors[f]?.kind));
      else if (unfillable) errors.push(riskError("NOT_FINITE", { field, value: "missing" }));
    }
  }
  return errors;
}

function levelErrors(field: string, level: string, kind: HistoryFactor["kind"] | undefined): readonly RiskError[] {
  if ((decimalPlaces(level) ?? RATE_SCALE + 1) > RATE_SCALE) return [riskError("DECIMAL_INVALID", { field, value: level })];
  return decimal(field, level, kind === "rate" ? "any" : "positive");
}

function scenarioOf(name: string, factors: readonly HistoryFactor[], before: readonly string[], after: readonly string[]): Scenario {
  const moves = new Map<string, Shock>();
  const fx: Record<string, string> = {};
  const rates: Record<string, string> = {};
  for (const [f, { kind, name: factor }] of factors.entries()) {
    const [old = "1", now = "1"] = [before[f], after[f]];
    if (kind === "fx") fx[factor] = ratio(now, old);
    else if (kind === "rate") rates[factor] = difference(now, old);
    else {
      const move = decimalOfNumber(Number(now) / Number(old) - 1);
      const shock = moves.get(factor) ?? { underlyings: [factor], spot_pct: "0", vol_abs: "0", vol_pct: "0" };
      moves.set(factor, kind === "spot" ? { ...shock, spot_pct: move } : { ...shock, vol_pct: move });
    }
  }
  return { name, shocks: [...moves.values()], fx: Object.keys(fx).length === 0 ? null : fx, rates };
}

/** Half-even at eighteen decimals. */
function ratio(now: string, old: string): string {
  const scale = Math.max(decimalPlaces(now) ?? 0, decimalPlaces(old) ?? 0);
  return formatBig(divideHalfEven((parseBig(now, scale) ?? 0n) * pow10Big(RATE_SCALE), parseBig(old, scale) ?? 1n), RATE_SCALE);
}

function difference(now: string, old: string): string {
  const scale = Math.max(decimalPlaces(now) ?? 0, decimalPlaces(old) ?? 0);
  return formatBig((parseBig(now, scale) ?? 0n) - (parseBig(old, scale) ?? 0n), scale);
}
