/** What a portfolio holds. Amounts are decimal text and days are `YYYY-MM-DD`, so that a position is the same bytes wherever it is written. */
import { parseDay } from "../../market/civil-date.js";
import { decimalPlaces } from "../../money/decimal.js";
import { KNOWN_CURRENCIES } from "../../money/known-currencies.js";
import { duplicateErrors } from "../input-checks.js";
import type { DayCount } from "../pricing/day-count.js";
import type { OptionRight } from "../pricing/option-value.js";
import type { Stub } from "../pricing/schedule.js";
import { type RiskError, riskError } from "../risk-outcome.js";

interface Held {
  /** Names the position within its portfolio. */
  readonly id: string;
  /** Units held; negative is short. */
  readonly quantity: string;
}

/** Shares, or anything else that is worth its quote. */
export interface StockPosition extends Held {
  readonly kind: "stock";
  readonly symbol: string;
  readonly currency: string;
  /** Currency value of one price unit for a quantity of one. */
  readonly multiplier: string;
}

/** An amount of a currency. */
export interface CashPosition extends Held {
  readonly kind: "fx";
  readonly currency: string;
}

/** Buys one unit of `base` for `strike` of `quote` on `maturity`. */
export interface ForwardPosition extends Held {
  readonly kind: "fx_forward";
  readonly base: string;
  readonly quote: string;
  readonly strike: string;
  readonly maturity: string;
}

/** A bond with fixed coupons, paid on the days they are due. Its quantity is zero or more. */
export interface BondPosition extends Held {
  readonly kind: "bond";
  readonly symbol: string;
  readonly currency: string;
  /** Repaid at maturity per unit. */
  readonly face: string;
  /** Yearly, as a fraction of face. */
  readonly coupon_rate: string;
  readonly per_year: 1 | 2 | 3 | 4 | 6 | 12;
  readonly effective: string;
  readonly maturity: string;
  readonly day_count: DayCount;
  readonly stub: Stub;
  readonly end_of_month: boolean;
}

/** An option on a quoted symbol; strike and price are in the symbol's currency. */
export interface OptionPosition extends Held {
  readonly kind: "option";
  /** Symbol of the spot. */
  readonly underlying: string;
  readonly currency: string;
  readonly multiplier: string;
  readonly right: OptionRight;
  readonly exercise: "european" | "american";
  readonly strike: string;
  readonly expiry: string;
}

/** A European option on one unit of `base`; strike and price are in `quote`. */
export interface CurrencyOptionPosition extends Held {
  readonly kind: "fx_option";
  readonly base: string;
  readonly quote: string;
  readonly right: OptionRight;
  readonly strike: string;
  readonly expiry: string;
}

export type RiskPosition = StockPosition | CashPosition | ForwardPosition | BondPosition | OptionPosition | CurrencyOptionPosition;

/** Every kind, in the order of the reference. */
export const POSITION_KINDS: readonly RiskPosition["kind"][] = ["stock", "fx", "fx_forward", "bond", "option", "fx_option"];

/** How an exposure to a position is filed. */
export type AssetClass = "equity" | "fixed_income" | "fx";

const CLASSES: Readonly<Record<RiskPosition["kind"], AssetClass>> = {
  stock: "equity",
  fx: "fx",
  fx_forward: "fx",
  bond: "fixed_income",
  option: "equity",
  fx_option: "fx",
};

export function assetClassOf({ kind }: RiskPosition): AssetClass {
  return CLASSES[kind];
}

/** What moves the position: a symbol, a pair, or a currency. */
export function underlyingOf(position: RiskPosition): string {
  switch (position.kind) {
    case "stock":
    case "bond":
      return position.symbol;
    case "fx":
      return position.currency;
    case "option":
      return position.underlying;
    case "fx_forward":
    case "fx_option":
      return `${position.base}/${position.quote}`;
  }
}

/** The currency of a position's price. */
export function currencyOf(position: RiskPosition): string {
  return position.kind === "fx_forward" || position.kind === "fx_option" ? position.quote : position.currency;
}

/** Units of the underlying per unit held. */
export function multiplierOf(position: RiskPosition): string {
  return position.kind === "stock" || position.kind === "option" ? position.multiplier : "1";
}

/** Everything wrong with a portfolio, whatever the market is. */
export function positionErrors(positions: readonly RiskPosition[]): readonly RiskError[] {
  const ids = positions.map(({ id }) => id);
  return [...duplicateErrors("positions", ids), ...positions.flatMap(errorsOf)];
}

function errorsOf(position: RiskPosition): readonly RiskError[] {
  const at = (field: string) => `positions/${position.id}/${field}`;
  const errors: RiskError[] = [...named(at("id"), position.id), ...decimal(at("quantity"), position.quantity, "any")];
  switch (position.kind) {
    case "stock":
      errors.push(...named(at("symbol"), position.symbol), ...decimal(at("multiplier"), position.multiplier, "positive"));
      break;
    case "fx":
      break;
    case "fx_forward":
      errors.push(...pair(at("base"), position), ...decimal(at("strike"), position.strike, "positive"));
      errors.push(...day(at("maturity"), position.maturity));
      break;
    case "bond":
      if (position.quantity.startsWith("-") && !isZero(position.quantity))
        errors.push(riskError("NEGATIVE_QUANTITY", { field: at("quantity"), value: position.quantity }));
      errors.push(...named(at("symbol"), position.symbol), ...decimal(at("face"), position.face, "positive"));
      errors.push(...decimal(at("coupon_rate"), position.coupon_rate, "not negative"));
      errors.push(...day(at("effective"), position.effective), ...day(at("maturity"), position.maturity));
      break;
    case "option":
      errors.push(...named(at("underlying"), position.underlying), ...decimal(at("multiplier"), position.multiplier, "positive"));
      errors.push(...decimal(at("strike"), position.strike, "positive"), ...day(at("expiry"), position.expiry));
      break;
    case "fx_option":
      errors.push(...pair(at("base"), position), ...decimal(at("strike"), position.strike, "positive"));
      errors.push(...day(at("expiry"), position.expiry));
      break;
  }
  return [...errors, ...currency(at("currency"), currencyOf(position))];
}

/** A currency that somebody uses. */
export function currency(field: string, code: string): readonly RiskError[] {
  return KNOWN_CURRENCIES.has(code) ? [] : [riskError("CURRENCY_UNKNOWN", { field, value: code })];
}

/** Decimal text within its range. */
export function decimal(field: string, text: string, range: "any" | "positive" | "not negative"): readonly RiskError[] {
  if (decimalPlaces(text) === null || !Number.isFinite(Number(text))) return [riskError("DECIMAL_INVALID", { field, value: text })];
  if (range === "positive" && !(Number(text) > 0)) return [riskError("NOT_POSITIVE", { field, value: text })];
  if (range === "not negative" && Number(text) < 0) return [riskError("TERMS_INVALID", { field, value: text, expected: "zero or more" })];
  return [];
}

/** A day of the calendar. */
export function day(field: string, text: string): readonly RiskError[] {
  return parseDay(text) === null ? [riskError("DAY_INVALID", { field, value: text })] : [];
}

/** A name that is not empty. */
export function named(field: string, text: string): readonly RiskError[] {
  return text === "" ? [riskError("TERMS_INVALID", { field, value: text, expected: "a name" })] : [];
}

function pair(field: string, { base, quote }: { readonly base: string; readonly quote: string }): readonly RiskError[] {
  if (base === quote) return [riskError("FX_PAIR_INVALID", { field, value: `${base}/${quote}` })];
  return currency(field, base);
}

function isZero(text: string): boolean {
  return Number(text) === 0;
}
