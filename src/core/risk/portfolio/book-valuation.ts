/** A portfolio valued on a market: one cell per position, and their total. Scaling and conversion happen here and nowhere else. */
import { CompensatedSum } from "../../numeric/compensated-sum.js";
import { byCodeUnits } from "../input-checks.js";
import { measured, type RiskError, type RiskOutcome, refused, refusedWith, riskError } from "../risk-outcome.js";
import type { Greeks } from "../v1/position-risk.js";
import { type Market, type MarketSnapshot, openMarket } from "./market-snapshot.js";
import {
  type AssetClass,
  assetClassOf,
  currency,
  currencyOf,
  multiplierOf,
  positionErrors,
  type RiskPosition,
  underlyingOf,
} from "./position.js";
import { priceUnit, type UnitValue } from "./price-position.js";

/**
 * What a total does where a position has no value: `whole` refuses it, `priced_only` adds up the others and names what is left out. The
 * first is the default everywhere.
 */
export type TotalsPolicy = "whole" | "priced_only";

/** Terms of a valuation. */
export interface BookInput {
  readonly positions: readonly RiskPosition[];
  readonly market: MarketSnapshot;
  /** Reporting currency. */
  readonly currency: string;
  readonly totals: TotalsPolicy;
}

/** A position's worth in the reporting currency: unit values times quantity, multiplier and rate of exchange, once. */
export interface PositionValue {
  readonly kind: RiskPosition["kind"];
  readonly asset_class: AssetClass;
  readonly underlying: string;
  /** Of the price. */
  readonly currency: string;
  readonly pricer: string;
  readonly unit_price: number;
  /** Reporting currency per unit of `currency`. */
  readonly fx_rate: number;
  readonly pv: number;
  readonly greeks: Greeks;
  /** Units of the underlying that the position moves like. */
  readonly delta_units: number;
  /** What moves one for one with the underlying. */
  readonly delta_value: number;
  /** Size of what the position is over; never negative. */
  readonly notional: number;
  /** Worth by currency: two legs where a position exchanges one currency for another. They add up to `pv`. */
  readonly legs: readonly { readonly currency: string; readonly value: number }[];
}

/** A position, or why it has no value. */
export type PositionCell =
  | { readonly id: string; readonly ok: true; readonly value: PositionValue }
  | { readonly id: string; readonly ok: false; readonly errors: readonly RiskError[] };

/** Sums over the positions that have a value. */
export interface BookTotal {
  readonly pv: number;
  readonly greeks: Greeks;
  /** Positions without a value, which the sums leave out. */
  readonly excluded: readonly string[];
}

/** A portfolio's worth. */
export interface BookValuation {
  readonly as_of: string;
  readonly currency: string;
  readonly totals: TotalsPolicy;
  /** In the order of the ids' code units. */
  readonly positions: readonly PositionCell[];
  /** Refused with `TOTAL_INCOMPLETE` under `whole` where a position has no value. */
  readonly total: RiskOutcome<BookTotal>;
}

/** Positions and market whose terms were checked, ready to be priced again and again. */
export interface OpenBook {
  /** In the order of their ids. */
  readonly positions: readonly RiskPosition[];
  readonly market: Market;
  readonly currency: string;
  readonly totals: TotalsPolicy;
  readonly as_of: string;
}

/**
 * Values every position. A position without price, volatility, curve or rate is a cell with its reasons; the others are valued all the same.
 *
 * @returns refused where the portfolio or the snapshot itself is malformed, with everything that is wrong.
 */
export function valueBook(input: BookInput): RiskOutcome<BookValuation> {
  const book = openBook(input);
  return book.ok ? measured(valueOpenBook(book.value)) : book;
}

/** Checks portfolio, snapshot and currency together. */
export function openBook({ positions, market, currency: reporting, totals }: BookInput): RiskOutcome<OpenBook> {
  const opened = openMarket(market);
  const errors: RiskError[] = [...currency("currency", reporting), ...positionErrors(positions), ...(opened.ok ? [] : opened.errors)];
  if (totals !== "whole" && totals !== "priced_only")
    errors.push(riskError("PARAMETER_OUT_OF_RANGE", { field: "totals", value: String(totals), expected: "whole or priced_only" }));
  if (!opened.ok || errors.length > 0) return refusedWith(errors);
  const ordered = positions.toSorted((a, b) => byCodeUnits(a.id, b.id));
  return measured({ positions: ordered, market: opened.value, currency: reporting, totals, as_of: market.as_of });
}

/** Values an opened portfolio. */
export function valueOpenBook({ positions, market, currency: reporting, totals, as_of }: OpenBook): BookValuation {
  const cells = positions.map((position) => cellOf(position, market, reporting));
  return { as_of, currency: reporting, totals, positions: cells, total: totalOf(cells, totals) };
}

function cellOf(position: RiskPosition, market: Market, reporting: string): PositionCell {
  const unit = priceUnit(position, market);
  const from = currencyOf(position);
  const rate = market.fx.rate(from, reporting);
  const missing = rate === null ? [riskError("FX_RATE_MISSING", { field: `positions/${position.id}`, pair: `${from}/${reporting}` })] : [];
  if (!unit.ok || rate === null) return { id: position.id, ok: false, errors: [...(unit.ok ? [] : unit.errors), ...missing] };
  const value = scaled(position, unit.value, rate);
  const finite = [value.pv, value.delta_value, value.notional, ...Object.values(value.greeks)].every(Number.isFinite);
  if (finite) return { id: position.id, ok: true, value };
  return { id: position.id, ok: false, errors: [riskError("RESULT_OUT_OF_RANGE", { field: `positions/${position.id}`, value: value.pv })] };
}

/** Units held times what one stands for. */
export function sizeOf(position: RiskPosition): number {
  return Number(position.quantity) * Number(multiplierOf(position));
}

function scaled(position: RiskPosition, unit: UnitValue, rate: number): PositionValue {
  const size = sizeOf(position);
  const factor = size * rate;
  // Nothing plus 0 is negative zero.
  const times = (value: number) => value * factor + 0;
  const { delta, gamma, vega, theta, rho } = unit.greeks;
  const pv = times(unit.price);
  const delta_value = times(unit.delta_value);
  return {
    kind: position.kind,
    asset_class: assetClassOf(position),
    underlying: underlyingOf(position),
    currency: currencyOf(position),
    pricer: unit.pricer,
    unit_price: unit.price,
    fx_rate: rate,
    pv,
    greeks: { delta: times(delta), gamma: times(gamma), vega: times(vega), theta: times(theta), rho: times(rho) },
    delta_units: delta * size + 0,
    delta_value,
    notional: Math.abs(times(unit.notional)),
    legs: legsOf(position, pv, delta_value),
  };
}

function legsOf(position: RiskPosition, pv: number, delta_value: number): PositionValue["legs"] {
  if (position.kind !== "fx_forward" && position.kind !== "fx_option") return [{ currency: currencyOf(position), value: pv }];
  return [
    { currency: position.base, value: delta_value },
    { currency: position.quote, value: pv - delta_value + 0 },
  ];
}

function totalOf(cells: readonly PositionCell[], totals: TotalsPolicy): RiskOutcome<BookTotal> {
  const excluded = cells.filter(({ ok }) => !ok).map(({ id }) => id);
  if (excluded.length > 0 && totals === "whole") return incomplete(excluded);
  const sums = { pv: new CompensatedSum(), delta: new CompensatedSum(), gamma: new CompensatedSum() };
  const rest = { vega: new CompensatedSum(), theta: new CompensatedSum(), rho: new CompensatedSum() };
  for (const cell of cells) {
    if (!cell.ok) continue;
    const { pv, greeks } = cell.value;
    sums.pv.add(pv);
    sums.delta.add(greeks.delta);
    sums.gamma.add(greeks.gamma);
    rest.vega.add(greeks.vega);
    rest.theta.add(greeks.theta);
    rest.rho.add(greeks.rho);
  }
  const greeks = {
    delta: sums.delta.value,
    gamma: sums.gamma.value,
    vega: rest.vega.value,
    theta: rest.theta.value,
    rho: rest.rho.value,
  };
  const pv = sums.pv.value;
  if (![pv, ...Object.values(greeks)].every(Number.isFinite)) return refused("RESULT_OUT_OF_RANGE", { field: "total", value: pv });
  return measured({ pv, greeks, excluded });
}

/** The refusal of a total over positions that have no value. */
export function incomplete(ids: readonly string[]): ReturnType<typeof refused> {
  return refused("TOTAL_INCOMPLETE", { positions: ids.join(", "), count: ids.length });
}

/** The cells that have a value, or the refusal of any sum over them. */
export function pricedCells({
  positions,
  totals,
}: BookValuation): RiskOutcome<readonly { readonly id: string; readonly value: PositionValue }[]> {
  const failed = positions.filter(({ ok }) => !ok).map(({ id }) => id);
  if (failed.length > 0 && totals === "whole") return incomplete(failed);
  return measured(positions.flatMap((cell) => (cell.ok ? [{ id: cell.id, value: cell.value }] : [])));
}
