/** How many an entry trades. Quantities and prices are integers in the instrument's units, equity at the money scale. */
import type { SizingConfig, SizingMode } from "../engine/run-config.js";
import { bigOf, decimalPlaces, formatScaled, parseScaled, pow10Big } from "../money/decimal.js";
import type { Units } from "../money/units.js";

/** How many to trade, or why none. A multiple of the lot. */
export type Sized =
  | { readonly kind: "qty"; readonly qty: number }
  | { readonly kind: "none"; readonly code: SizingRefusal; readonly detail: string };

export type SizingRefusal =
  | "SIZE_BELOW_MINIMUM"
  | "NO_PRICE"
  | "NO_EQUITY"
  | "NO_STOP"
  | "STOP_EQUALS_ENTRY"
  | "LOT_MISMATCH"
  | "AT_TARGET"
  | "WITHIN_DRIFT_BAND"
  | "DRAWDOWN_LIMIT_EXCEEDED";

/** What sizes are multiplied by, as a fraction from 0 up to 1. */
export interface SizeScaling {
  readonly numerator: bigint;
  readonly denominator: bigint;
  /** Why, in words. */
  readonly reason: string;
}

export interface SizingInput {
  /** Price the entry is expected at, or null when none is known. */
  readonly price: number | null;
  /** Where the entry would be given up, or null when it has no stop. */
  readonly stop: number | null;
  /** Newest average true range, or null before it is ready. */
  readonly atr: number | null;
  readonly equity: bigint;
  /** Multiplies the size before it is floored; absent or null leaves it. */
  readonly scaling?: SizeScaling | null;
}

/**
 * Sizes an entry, floored to the lot:
 *
 * - `fixed`: the quantity.
 * - `pct_equity`: equity x pct / price.
 * - `risk_stop`: equity x risk / |price - stop|, at most equity x max position / price.
 * - `atr`: equity x risk / (ATR x multiple), the same cap; without an ATR the whole price counts as the risk.
 *
 * The cap comes after the floor and the minimum after the cap: an account too small for one lot trades none. A scaling multiplies before the
 * floor, and one of 0 allows no entry.
 */
export function sizeEntry(config: SizingConfig, units: Units, input: SizingInput): Sized {
  const scaling = input.scaling ?? null;
  if (config.mode === "fixed") return fixedSize(config.qty, units, scaling);
  if (scaling?.numerator === 0n) return blocked(scaling);
  const { price, equity } = input;
  if (price === null || price <= 0) return none("NO_PRICE", `no price is known for ${units.symbol}`);
  if (equity <= 0n) return none("NO_EQUITY", "equity is not positive");
  if (config.mode === "pct_equity") return atLeastMinimum(lotsWithin(equity, config.pct, price, units, scaling), units);
  const distance = riskDistance(config, units, { ...input, price });
  if (typeof distance !== "number") return distance;
  const byRisk = lotsWithin(equity, config.risk_pct, distance, units, scaling);
  const cap = config.max_position_pct === null ? byRisk : lotsWithin(equity, config.max_position_pct, price, units, null);
  return atLeastMinimum(byRisk < cap ? byRisk : cap, units);
}

/** What one unit of quantity loses when the entry is given up, in price units. */
function riskDistance(
  config: Extract<SizingMode, { mode: "risk_stop" | "atr" }>,
  units: Units,
  input: SizingInput & { readonly price: number },
): number | Sized {
  if (config.mode === "atr") {
    if (input.atr === null || input.atr <= 0) return input.price;
    const scale = decimalPlaces(config.multiple) ?? 0;
    const unit = pow10Big(scale);
    // Rounded up: a distance that is a little too long risks a little too little.
    return Number((BigInt(input.atr) * bigOf(config.multiple, scale) + unit - 1n) / unit);
  }
  if (input.stop === null) return none("NO_STOP", `sizing by risk needs a stop for ${units.symbol}`);
  const distance = Math.abs(input.price - input.stop);
  return distance > 0 ? distance : none("STOP_EQUALS_ENTRY", `the stop of ${units.symbol} is its entry price`);
}

/** Lots whose value at `price` stays within a percentage of equity, scaled. One division: a small lot may be worth less than a money unit. */
function lotsWithin(equity: bigint, pct: string, price: number, units: Units, scaling: SizeScaling | null): bigint {
  const scale = decimalPlaces(pct) ?? 0;
  const perLot = BigInt(price) * BigInt(units.lot) * units.numerator * HUNDRED * pow10Big(scale);
  const budget = equity * bigOf(pct, scale) * units.denominator;
  return scaling === null ? budget / perLot : (budget * scaling.numerator) / (perLot * scaling.denominator);
}

/** A quantity scaled and floored to the lot, or why nothing is left of it. */
export function scaledSize(qty: number, units: Units, scaling: SizeScaling): Sized {
  if (scaling.numerator === 0n) return blocked(scaling);
  return atLeastMinimum((BigInt(qty) * scaling.numerator) / (BigInt(units.lot) * scaling.denominator), units);
}

function blocked({ reason }: SizeScaling): Sized {
  return none("DRAWDOWN_LIMIT_EXCEEDED", reason);
}

const HUNDRED = 100n;

/** The quantity that a config names, or why it is none. */
export function fixedSize(text: string, units: Units, scaling: SizeScaling | null = null): Sized {
  const qty = parseScaled(text, units.qty_scale);
  if (qty !== null && qty % units.lot === 0) return scaling === null ? enough(qty, units) : scaledSize(qty, units, scaling);
  return none("LOT_MISMATCH", `quantity ${text} is no multiple of the lot ${formatScaled(units.lot, units.qty_scale)}`);
}

function atLeastMinimum(lots: bigint, units: Units): Sized {
  const qty = Number(lots) * units.lot;
  return Number.isSafeInteger(qty) ? enough(qty, units) : none("LOT_MISMATCH", "the quantity leaves the safe integer range");
}

function enough(qty: number, units: Units): Sized {
  if (qty > 0 && qty >= units.min_qty) return { kind: "qty", qty };
  const min = formatScaled(units.min_qty, units.qty_scale);
  return none("SIZE_BELOW_MINIMUM", `${formatScaled(qty, units.qty_scale)} is below the minimum of ${min}`);
}

function none(code: SizingRefusal, detail: string): Sized & { readonly kind: "none" } {
  return { kind: "none", code, detail };
}
