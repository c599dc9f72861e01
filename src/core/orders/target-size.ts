/**
 * From a target percentage of equity to the quantity that has to be traded for it, costs included.
 *
 * The rule of the published rebalancing runs: `share = percent x (1 - cash buffer)`, `target = share x equity`; then, until the
 * position after the trade is worth no more than the target, `q = floor(target / price - position)` and
 * `target = (equity - fee(q)) x share`. A short target is rounded and shrunk towards zero in the same way.
 */
import type { SizingConfig } from "../engine/run-config.js";
import { bigOf, formatBig, formatScaled } from "../money/decimal.js";
import type { Units } from "../money/units.js";
import type { SizeScaling, SizingRefusal } from "./sizing.js";

/** What to trade: positive buys, negative sells. */
export type TargetSize =
  | { readonly kind: "delta"; readonly qty: number }
  | { readonly kind: "none"; readonly code: SizingRefusal; readonly detail: string };

export interface TargetInput {
  /** Decimal text; negative is short. */
  readonly percent: string;
  readonly price: number | null;
  readonly equity: bigint;
  /** Signed quantity held, entries on their way included. */
  readonly position: number;
  /** Cost of trading a signed quantity at the price, at the money scale. */
  readonly fee: (qty: number) => bigint;
  /** Multiplies what a trade may open; what it closes is never scaled. */
  readonly scaling?: SizeScaling | null;
}

const PCT_SCALE = 8;
/** 100 percent at {@link PCT_SCALE}. */
const WHOLE = 10_000_000_000n;
/** Rounds of fee correction; each makes the target smaller, and the first few settle it. */
const MAX_ROUNDS = 100;

/** Scales a target only where reaching it opens something: a smaller target must not sell what is held. */
export function sizeTarget(config: SizingConfig, units: Units, input: TargetInput): TargetSize {
  const { position, scaling } = input;
  const whole = unscaledTarget(config, units, input);
  if (whole.kind === "none" || scaling === undefined || scaling === null || !opens(position, whole.qty)) return whole;
  const nothing = scaling.numerator === 0n;
  if (nothing && position * whole.qty >= 0) return none("DRAWDOWN_LIMIT_EXCEEDED", scaling.reason);
  const percent = nothing ? "0" : scaledPercent(input.percent, scaling);
  const scaled = unscaledTarget(config, units, { ...input, percent });
  if (scaled.kind === "delta" && scaled.qty > 0 !== whole.qty > 0) return none("AT_TARGET", `${scaling.reason}: nothing is left to add`);
  return scaled;
}

/** True where a trade makes a position larger, or turns it over. */
function opens(position: number, qty: number): boolean {
  const after = position + qty;
  return Math.abs(after) > Math.abs(position) || position * after < 0;
}

/** A percentage times a scaling, towards zero where it needs more places than are kept. */
function scaledPercent(percent: string, { numerator, denominator }: SizeScaling): string {
  return formatBig((bigOf(percent, PCT_SCALE) * numerator) / denominator, PCT_SCALE);
}

function unscaledTarget(config: SizingConfig, units: Units, input: TargetInput): TargetSize {
  const { price, equity, position } = input;
  const percent = bigOf(input.percent, PCT_SCALE);
  if (percent === 0n) return position === 0 ? none("AT_TARGET", "the position is flat already") : { kind: "delta", qty: -position };
  if (price === null || price <= 0) return none("NO_PRICE", `no price is known for ${units.symbol}`);
  if (equity <= 0n) return none("NO_EQUITY", "equity is not positive");
  const share = percent * (WHOLE - bigOf(config.cash_buffer_pct, PCT_SCALE));
  // Everything below is in money x WHOLE^2, or in lots: exact, without a division that rounds.
  const one = WHOLE * WHOLE;
  const perLot = BigInt(price) * BigInt(units.lot) * units.numerator * one;
  const held = BigInt(Math.trunc(position / units.lot));
  const target = share * equity * units.denominator;
  if (within(target, held * perLot, bigOf(config.drift_band_pct, PCT_SCALE) * WHOLE * equity * units.denominator))
    return none("WITHIN_DRIFT_BAND", `the position is within ${config.drift_band_pct} % of its target`);
  let lots = towardsZero(target, perLot, percent) - held;
  for (let round = 0; round < MAX_ROUNDS && lots !== 0n; round++) {
    const left = equity - input.fee(Number(lots) * units.lot);
    const limit = left > 0n ? share * left * units.denominator : 0n;
    if (abs((held + lots) * perLot) <= abs(limit)) break;
    const next = towardsZero(limit, perLot, percent) - held;
    lots = next === lots ? lots - sign(percent) : next;
  }
  const qty = Number(lots) * units.lot;
  if (qty === 0) return none("AT_TARGET", `no lot fits between the position and ${input.percent} % of equity`);
  if (!Number.isSafeInteger(qty)) return none("LOT_MISMATCH", "the quantity leaves the safe integer range");
  const opens = Math.abs(position + qty) > Math.abs(position);
  if (opens && Math.abs(qty) < units.min_qty)
    return none("SIZE_BELOW_MINIMUM", `${formatScaled(Math.abs(qty), units.qty_scale)} is below the minimum of the instrument`);
  return { kind: "delta", qty };
}

/** Whole lots of a target, rounded towards no position. */
function towardsZero(target: bigint, perLot: bigint, percent: bigint): bigint {
  const lots = target / perLot;
  return percent > 0n === target > 0n ? lots : 0n;
}

function within(target: bigint, held: bigint, band: bigint): boolean {
  return abs(target - held) < band;
}

function abs(n: bigint): bigint {
  return n < 0n ? -n : n;
}

function sign(n: bigint): bigint {
  return n < 0n ? -1n : 1n;
}

function none(code: SizingRefusal, detail: string): TargetSize & { readonly kind: "none" } {
  return { kind: "none", code, detail };
}
