/** A limit of a policy as a number of money units, now: amounts through the rate of exchange, fractions of what they are of. Exact. */
import { type Amount, amountOf, amountText } from "../money/amount.js";
import { bigOf, decimalPlaces, pow10Big } from "../money/decimal.js";
import { divideTowards, type Fraction, fractionFrom, fractionOf } from "../money/fraction.js";
import type { Limit } from "./policy.js";
import type { GateAccount, RateOf, RiskView } from "./risk-view.js";
import type { Shown } from "./rule.js";

/** How policies name the account's own currency, whichever it is. */
const OWN = "base";

/** The currency of a limit, where it is another than the account's; null where no rate is asked. */
export function foreignCurrency({ limit }: Pick<Limit, "limit">, own: string): string | null {
  return "fraction" in limit || limit.currency === OWN || limit.currency === own ? null : limit.currency;
}

/** Whether a limit bounds values from above, or orders from below. */
type Bound = "cap" | "minimum";

export class LimitGauge {
  readonly #currency: string | null;
  readonly #comparison: Limit["comparison"];
  readonly #bound: Bound;
  readonly #account: GateAccount;
  /** How the policy states it. */
  readonly #stated: string;
  readonly #fraction: Fraction | null;
  readonly #amount: { readonly value: bigint; readonly places: number } | null;
  #level: Amount = 0;
  /** What the level was worked out from. */
  #from: Amount | ReturnType<RateOf> = null;

  constructor({ limit, comparison }: Limit, account: GateAccount, bound: Bound = "cap") {
    this.#comparison = comparison;
    this.#bound = bound;
    this.#account = account;
    if ("fraction" in limit) {
      this.#fraction = fractionFrom(limit.fraction);
      this.#amount = null;
      this.#currency = null;
      this.#stated = `${limit.fraction} of `;
      return;
    }
    const places = decimalPlaces(limit.amount) ?? 0;
    this.#fraction = null;
    this.#amount = { value: bigOf(limit.amount, places), places };
    this.#currency = foreignCurrency({ limit }, account.currency);
    this.#stated = `${limit.amount} ${this.#currency ?? account.currency}`;
    if (this.#currency === null) this.#level = this.#levelAt(PAR);
  }

  /**
   * Whether a value breaks the limit. A limit whose rate is unknown breaks on every value.
   * @param base what a fraction is of.
   */
  isBrokenBy(value: Amount, base: Amount, view: Pick<RiskView, "rateOf">): boolean {
    if (!this.#settle(base, view)) return true;
    const reaches = this.#comparison === "reaches";
    if (this.#bound === "cap") return reaches ? value >= this.#level : value > this.#level;
    return reaches ? value <= this.#level : value < this.#level;
  }

  /** The limit in money units, rounded as {@link level} is; null where its rate is unknown. @param base what a fraction is of. */
  levelFor(base: Amount, view: Pick<RiskView, "rateOf">): Amount | null {
    return this.#settle(base, view) ? this.#level : null;
  }

  /** The limit in money units at the last {@link isBrokenBy}, rounded so that whole values compare as with the exact limit. */
  get level(): Amount {
    return this.#level;
  }

  /**
   * Value, limit, unit, and what would pass.
   * @param what the value's name.
   * @param baseName what a fraction is of.
   */
  explain(what: string, value: Amount, base: Amount, view: Pick<RiskView, "rateOf">, baseName: string): string {
    const { currency, scale } = this.#account;
    const settled = this.#settle(base, view);
    const text = `${what} ${amountText(value, scale)} ${currency}`;
    if (!settled) return `${text}; what the limit of ${this.#stated} is in ${currency} is unknown`;
    const level = `${amountText(this.#level, scale)} ${currency}`;
    const stated =
      this.#fraction === null ? (this.#currency === null ? level : `${this.#stated}, ${level}`) : `${this.#stated}${baseName}, ${level}`;
    const cap = this.#bound === "cap";
    const verb = this.#comparison === "reaches" ? "reaches" : cap ? "exceeds" : "is below";
    const pass =
      this.#comparison === "reaches" ? (cap ? "below it passes" : "above it passes") : cap ? "at most that passes" : "at least that passes";
    return `${text} ${verb} the limit of ${stated}; ${pass}`;
  }

  /** Value and limit as {@link isBrokenBy} compares them. @param value null where it cannot be told. */
  shows(what: string, value: Amount | null, base: Amount, view: Pick<RiskView, "rateOf">): Shown {
    const { currency, scale } = this.#account;
    const cap = this.#bound === "cap";
    return {
      what,
      value: value === null ? null : amountText(value, scale),
      limit: this.#settle(base, view) ? amountText(this.#level, scale) : null,
      unit: currency,
      passes: this.#comparison === "reaches" ? (cap ? "below" : "above") : cap ? "at_most" : "at_least",
    };
  }

  /** @returns false where the rate is unknown. */
  #settle(base: Amount, view: Pick<RiskView, "rateOf">): boolean {
    if (this.#fraction !== null) {
      if (base !== this.#from) {
        this.#from = base;
        this.#level = fractionOf(this.#fraction, base, this.#rounding);
      }
      return true;
    }
    if (this.#currency === null) return true;
    const rate = view.rateOf(this.#currency);
    if (rate === null) return false;
    if (rate !== this.#from) {
      this.#from = rate;
      this.#level = this.#levelAt(rate);
    }
    return true;
  }

  #levelAt(rate: NonNullable<ReturnType<RateOf>>): Amount {
    if (this.#amount === null) return 0;
    const numerator = this.#amount.value * rate.numerator * pow10Big(this.#account.scale);
    return amountOf(divideTowards(numerator, pow10Big(this.#amount.places) * rate.denominator, this.#rounding));
  }

  /** A whole value is above a limit exactly where it is above the limit rounded down, and at or above one where at or above it rounded up. */
  get #rounding(): "down" | "up" {
    return (this.#comparison === "exceeds") === (this.#bound === "cap") ? "down" : "up";
  }
}

const PAR = { numerator: 1n, denominator: 1n } as const;
