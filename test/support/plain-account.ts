/**
 * An account told a second time, in exact fractions and with rounding only where the rules name it: each booking to the account's minor
 * unit, half to even. Shares no code with the engine.
 */
import { absolute, floor, isLess, minus, nearest, ofUnits, over, plus, type Rational, rational, sign, times } from "./rational.js";

export interface PlainTerms {
  /** Digits of the account's money. */
  readonly decimals: number;
  readonly borrow: string;
  readonly credit: string;
  readonly debit: string;
  readonly year: bigint;
  readonly proceeds: "excluded" | "included";
  readonly fee_bps: string;
}

export interface PlainInstrument {
  readonly symbol: string;
  readonly multiplier: string;
  readonly lot: string;
  readonly margin: boolean;
}

/** Money in minor units of the account; `basis` and `carried` of margin in those of the instrument's currency, to as many digits. */
export class PlainHolding {
  readonly of: PlainInstrument;
  qty: Rational = rational(0n);
  basis = 0n;
  carried = 0n;
  settled = 0n;
  realized = 0n;
  commission = 0n;
  dividends = 0n;
  borrow = 0n;
  mark: Rational | null = null;
  /** Market value of a short at the last close, positive, and the day of it. */
  short = 0n;
  shortDay: number | null = null;

  constructor(of: PlainInstrument) {
    this.of = of;
  }
}

export class PlainBook {
  cash: bigint;
  interest = 0n;
  flips = 0;
  readonly holdings: readonly PlainHolding[];
  readonly #terms: PlainTerms;
  readonly #rate: (symbol: string, ts: number) => Rational;
  #idle = 0n;
  #idleDay: number | null = null;

  /** @param rate what one unit of the instrument's currency is worth in the account's at a time. */
  constructor(cash: bigint, instruments: readonly PlainInstrument[], terms: PlainTerms, rate: (symbol: string, ts: number) => Rational) {
    this.cash = cash;
    this.holdings = instruments.map((of) => new PlainHolding(of));
    this.#terms = terms;
    this.#rate = rate;
  }

  holding(symbol: string): PlainHolding {
    const found = this.holdings.find(({ of }) => of.symbol === symbol);
    if (found === undefined) throw new Error(`no holding of ${symbol}`);
    return found;
  }

  fill(symbol: string, side: "buy" | "sell", qty: Rational, price: Rational, ts: number): void {
    const h = this.holding(symbol);
    const against = sign(h.qty) === (side === "buy" ? -1 : 1);
    const held = absolute(h.qty);
    const closing = against ? (isLess(qty, held) ? qty : held) : rational(0n);
    if (sign(closing) > 0) this.#close(h, closing, price, ts);
    const opening = minus(qty, closing);
    if (sign(opening) > 0) {
      if (sign(closing) > 0) this.flips += 1;
      this.#open(h, side, opening, price, ts);
    }
    const traded = times(price, qty, rational(h.of.multiplier), this.#rate(symbol, ts));
    const fee = this.#money(times(traded, rational(this.#terms.fee_bps), { n: 1n, d: 10_000n }));
    h.commission += fee;
    this.cash -= fee;
  }

  dividend(symbol: string, perShare: Rational, ts: number): void {
    const h = this.holding(symbol);
    const amount = this.#money(times(h.qty, perShare, rational(h.of.multiplier), this.#rate(symbol, ts)));
    h.dividends += amount;
    this.cash += amount;
  }

  /** Each share becomes `ratio`; what is left below the lot is paid at the price before. */
  split(symbol: string, ratio: Rational, price: Rational, ts: number): void {
    const h = this.holding(symbol);
    if (h.mark !== null) h.mark = over(h.mark, ratio);
    if (sign(h.qty) === 0) return;
    const side = rational(BigInt(sign(h.qty)));
    const grown = times(absolute(h.qty), ratio);
    const lot = rational(h.of.lot);
    const whole = times(rational(floor(over(grown, lot))), lot);
    const rest = minus(grown, whole);
    const inLieu = this.#money(times(side, over(rest, ratio), price, rational(h.of.multiplier), this.#rate(symbol, ts)));
    const released = nearest(over(times(rational(h.basis), rest), grown), 0);
    h.realized += sign(h.qty) > 0 ? inLieu - released : released + inLieu;
    h.basis -= released;
    h.qty = times(side, whole);
    this.cash += inLieu;
  }

  /** A close of all instruments, on a day counted from any other. */
  close(day: number, ts: number): void {
    for (const h of this.holdings) this.#settle(h, ts);
    const { borrow, credit, debit, year, proceeds } = this.#terms;
    const accrued = (basis: bigint, rate: string, days: number): bigint =>
      nearest(over(times(rational(basis), rational(rate), rational(BigInt(days))), rational(year)), 0);
    for (const h of this.holdings) {
      if (h.shortDay === null) continue;
      const cost = accrued(h.short, borrow, day - h.shortDay);
      h.borrow += cost;
      this.cash -= cost;
    }
    if (this.#idleDay !== null) {
      const amount = accrued(this.#idle, this.#idle < 0n ? debit : credit, day - this.#idleDay);
      this.interest += amount;
      this.cash += amount;
    }
    for (const h of this.holdings) {
      h.short = h.of.margin || sign(h.qty) >= 0 ? 0n : -this.#worth(h, ts);
      h.shortDay = day;
    }
    const held = proceeds === "included" ? 0n : this.holdings.reduce((sum, h) => sum + h.short, 0n);
    this.#idle = this.cash < 0n ? this.cash : this.cash > held ? this.cash - held : 0n;
    this.#idleDay = day;
  }

  equity(ts: number): bigint {
    return this.holdings.reduce((sum, h) => sum + (h.of.margin ? this.#variation(h, ts) : this.#worth(h, ts)), this.cash);
  }

  #open(h: PlainHolding, side: "buy" | "sell", qty: Rational, price: Rational, ts: number): void {
    const local = times(price, qty, rational(h.of.multiplier));
    const value = this.#money(h.of.margin ? local : times(local, this.#rate(h.of.symbol, ts)));
    h.basis += value;
    if (h.of.margin) h.carried += value;
    else this.cash += side === "buy" ? -value : value;
    h.qty = side === "buy" ? plus(h.qty, qty) : minus(h.qty, qty);
  }

  #close(h: PlainHolding, qty: Rational, price: Rational, ts: number): void {
    const long = sign(h.qty) > 0;
    const part = over(qty, absolute(h.qty));
    const share = (total: bigint): bigint => nearest(times(rational(total), part), 0);
    const local = times(price, qty, rational(h.of.multiplier));
    const cost = share(h.basis);
    if (h.of.margin) {
      const carried = share(h.carried);
      const paid = share(h.settled);
      const value = this.#money(local);
      const variation = this.#converted(h, long ? value - carried : carried - value, ts);
      h.carried -= carried;
      h.settled -= paid;
      h.realized += paid + variation;
      this.cash += variation;
    } else {
      const value = this.#money(times(local, this.#rate(h.of.symbol, ts)));
      h.realized += long ? value - cost : cost - value;
      this.cash += long ? value : -value;
    }
    h.basis -= cost;
    h.qty = long ? minus(h.qty, qty) : plus(h.qty, qty);
  }

  #settle(h: PlainHolding, ts: number): void {
    if (!h.of.margin || sign(h.qty) === 0 || h.mark === null) return;
    const amount = this.#variation(h, ts);
    h.carried = this.#money(times(h.mark, absolute(h.qty), rational(h.of.multiplier)));
    h.settled += amount;
    this.cash += amount;
  }

  #variation(h: PlainHolding, ts: number): bigint {
    if (sign(h.qty) === 0 || h.mark === null) return 0n;
    const value = this.#money(times(h.mark, absolute(h.qty), rational(h.of.multiplier)));
    return this.#converted(h, sign(h.qty) > 0 ? value - h.carried : h.carried - value, ts);
  }

  #worth(h: PlainHolding, ts: number): bigint {
    if (sign(h.qty) === 0 || h.mark === null) return 0n;
    return this.#money(times(h.mark, h.qty, rational(h.of.multiplier), this.#rate(h.of.symbol, ts)));
  }

  #converted(h: PlainHolding, amount: bigint, ts: number): bigint {
    return this.#money(times(ofUnits(amount, this.#terms.decimals), this.#rate(h.of.symbol, ts)));
  }

  #money(value: Rational): bigint {
    return nearest(value, this.#terms.decimals);
  }
}
