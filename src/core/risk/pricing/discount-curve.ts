/** Discount factors by day, from a curve's nodes, by a named interpolation. Zero rates are continuously compounded. */
import { type CivilDay, formatDay } from "../../market/civil-date.js";
import { fastExp } from "../../numeric/fast-exponential.js";
import { fastLog } from "../../numeric/fast-logarithm.js";
import { type PlainDayCount, yearsBetween } from "./day-count.js";
import { InputCheck, type Priced, pricedIfFinite, refused } from "./refusal.js";

/**
 * What is a straight line in time between two nodes: the logarithm of the discount factor (so that forward rates are constant there), the
 * zero rate, or the discount factor itself. Before the first node the first and the last start from a factor of one today; zero rates are flat.
 */
export type CurveInterpolation = "log_linear_discount" | "linear_zero" | "linear_discount";

/** Beyond the last node: no answer, the last zero rate, or the last forward rate (of the logarithm's last line). */
export type CurveExtrapolation = "refuse" | "flat_zero" | "flat_forward";

export type CurveNode =
  | { readonly day: CivilDay; readonly zero_rate: number }
  /** Above zero; above one where rates are negative. */
  | { readonly day: CivilDay; readonly discount_factor: number };

export interface CurveTerms {
  /** The day that is worth one. */
  readonly anchor: CivilDay;
  /** How days become the years of zero rates. */
  readonly day_count: PlainDayCount;
  readonly interpolation: CurveInterpolation;
  readonly extrapolation: CurveExtrapolation;
  /** Ascending, all after `anchor`. */
  readonly nodes: readonly CurveNode[];
}

/** Made by {@link openCurve}, which checks what this rests on. */
export interface DiscountCurve {
  readonly terms: CurveTerms;
  /** Years to each node, ascending, and minus the logarithm of its discount factor. */
  readonly years: Float64Array;
  readonly decay: Float64Array;
}

export interface ForwardRate {
  readonly discount_factor: number;
  /** Continuously compounded, yearly. */
  readonly continuous: number;
  /** Paid once at the end, yearly. */
  readonly simple: number;
}

/** Checks the terms of a curve; everything wrong is named at once. */
export function openCurve(terms: CurveTerms): Priced<DiscountCurve> {
  const { anchor, day_count, nodes } = terms;
  const check = new InputCheck();
  if (nodes.length === 0) check.refuse("CURVE_NODES", "nodes", 0, "is no node", "one node or more");
  const years = new Float64Array(nodes.length);
  const decay = new Float64Array(nodes.length);
  let before = anchor;
  for (const [n, node] of nodes.entries()) {
    const field = `nodes/${n}`;
    if (!(Number.isSafeInteger(node.day) && node.day > before))
      check.refuse("CURVE_NODES", `${field}/day`, node.day, "does not come after the day before it", `a day after ${before}`);
    if ("zero_rate" in node) check.finite({ [`${field}/zero_rate`]: node.zero_rate });
    else check.positive({ [`${field}/discount_factor`]: node.discount_factor });
    const time = yearsBetween(day_count, anchor, node.day);
    years[n] = time;
    decay[n] = "zero_rate" in node ? node.zero_rate * time : -fastLog(node.discount_factor);
    before = node.day;
  }
  for (const [n, time] of years.entries())
    if (check.violations.length === 0 && time <= (n === 0 ? 0 : (years[n - 1] ?? 0)))
      check.refuse(
        "CURVE_NODES",
        `nodes/${n}/day`,
        nodes[n]?.day ?? 0,
        `is no later than the node before it by ${day_count}`,
        "a later day",
      );
  if (check.violations.length > 0) return { kind: "refused", violations: check.violations };
  return { kind: "priced", value: { terms, years, decay } };
}

/** A curve with one zero rate for every day. */
export function flatCurve(anchor: CivilDay, rate: number, day_count: PlainDayCount = "ACT/365F"): Priced<DiscountCurve> {
  const nodes = [{ day: anchor + 3660, zero_rate: rate }];
  return openCurve({ anchor, day_count, interpolation: "linear_zero", extrapolation: "flat_zero", nodes });
}

/** What one unit paid on `day` is worth on the curve's first day. */
export function discountFactor(curve: DiscountCurve, day: CivilDay): Priced<number> {
  const decay = decayAt(curve, day);
  if (Number.isNaN(decay)) return outside(curve, day);
  return { kind: "priced", value: fastExp(-decay) };
}

/** The rate between two days that the curve implies. @param from before `to` */
export function forwardRate(curve: DiscountCurve, from: CivilDay, to: CivilDay): Priced<ForwardRate> {
  const near = decayAt(curve, from);
  const far = decayAt(curve, to);
  if (Number.isNaN(near)) return outside(curve, from);
  if (Number.isNaN(far)) return outside(curve, to);
  const years = yearsBetween(curve.terms.day_count, from, to);
  if (!(years > 0)) return refused("INVALID_TERMS", "to", to, "does not come after the first day", `a day after ${from}`);
  const factor = fastExp(near - far);
  return pricedIfFinite({ discount_factor: factor, continuous: (far - near) / years, simple: (1 / factor - 1) / years });
}

/** The same curve with its zero rates moved: each node by its entry, or all by one amount. */
export function shiftZeroRates(curve: DiscountCurve, shift: number | ArrayLike<number>): DiscountCurve {
  const decay = curve.decay.map((d, n) => d + (typeof shift === "number" ? shift : (shift[n] ?? 0)) * (curve.years[n] ?? 0));
  return { ...curve, decay };
}

/** Minus the logarithm of a day's discount factor, NaN where the curve has no answer. */
export function decayAt({ terms, years, decay }: DiscountCurve, day: CivilDay): number {
  const time = yearsBetween(terms.day_count, terms.anchor, day);
  if (!(time >= 0)) return Number.NaN;
  const n = firstAtOrAfter(years, time);
  const { interpolation } = terms;
  if (n === years.length) return beyond(terms, years, decay, time);
  const t1 = years[n] ?? 0;
  const d1 = decay[n] ?? 0;
  if (time === t1) return d1;
  if (n === 0 && interpolation === "linear_zero") return (d1 / t1) * time;
  const t0 = n === 0 ? 0 : (years[n - 1] ?? 0);
  const d0 = n === 0 ? 0 : (decay[n - 1] ?? 0);
  const share = (time - t0) / (t1 - t0);
  if (interpolation === "log_linear_discount") return d0 + (d1 - d0) * share;
  if (interpolation === "linear_zero") return (d0 / t0 + (d1 / t1 - d0 / t0) * share) * time;
  const f0 = fastExp(-d0);
  return -fastLog(f0 + (fastExp(-d1) - f0) * share);
}

function beyond({ extrapolation }: CurveTerms, years: Float64Array, decay: Float64Array, time: number): number {
  const last = years.length - 1;
  const t1 = years[last] ?? 0;
  const d1 = decay[last] ?? 0;
  if (extrapolation === "refuse") return Number.NaN;
  if (extrapolation === "flat_zero" || last === 0) return (d1 / t1) * time;
  const t0 = years[last - 1] ?? 0;
  return d1 + ((d1 - (decay[last - 1] ?? 0)) / (t1 - t0)) * (time - t1);
}

function firstAtOrAfter(years: Float64Array, time: number): number {
  let low = 0;
  let high = years.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((years[middle] ?? 0) < time) low = middle + 1;
    else high = middle;
  }
  return low;
}

function outside({ terms }: DiscountCurve, day: CivilDay): ReturnType<typeof refused> {
  const last = terms.nodes.at(-1)?.day ?? terms.anchor;
  const end = terms.extrapolation === "refuse" ? ` to ${dayText(last)}` : " or later";
  return refused("OUTSIDE_CURVE", "day", dayText(day), "is not covered by the curve", `${dayText(terms.anchor)}${end}`);
}

/** Days as people write them; a number where it is no day of four-digit years. */
function dayText(day: CivilDay): string {
  return day > -719_162 && day < 2_932_897 ? formatDay(day) : String(day);
}
