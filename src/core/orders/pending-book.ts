/**
 * What open orders may still trade, summed per instrument and kept up as they come, change and go, so that nobody walks through them to
 * judge one more; and which instruments changed, in their orders, their holding or their price. Quantities in the instrument's units.
 */
import type { Side } from "../engine/run-events.js";
import type { Order } from "./order.js";

/** An order as the sums see it. */
export type Pending = Pick<Order, "instrument" | "side" | "reduce_only" | "limit" | "stop">;

/** Stands for a dearest price that has to be looked for. */
const UNKNOWN = -1;

export class PendingBook {
  /** Open quantity of orders that may add to a position, by side. */
  readonly buys: Float64Array;
  readonly sells: Float64Array;
  /** Open quantity of orders that only reduce, by side. */
  readonly reducing_buys: Float64Array;
  readonly reducing_sells: Float64Array;
  /** Counts, by instrument, the changes of its orders that only reduce. */
  readonly reductions: Float64Array;
  /** Counts changes of holdings and prices. */
  touches: number = 0;
  /** Highest own price of the orders that may add, by instrument; {@link UNKNOWN} once that order may be gone. */
  readonly #dearest: Float64Array;
  /** Instruments that changed since somebody took the list, each once. */
  readonly #changed: number[] = [];
  readonly #isChanged: Uint8Array;

  constructor(instruments: number) {
    this.buys = new Float64Array(instruments);
    this.sells = new Float64Array(instruments);
    this.reducing_buys = new Float64Array(instruments);
    this.reducing_sells = new Float64Array(instruments);
    this.reductions = new Float64Array(instruments);
    this.#dearest = new Float64Array(instruments);
    this.#isChanged = new Uint8Array(instruments);
  }

  /** Moves what an order may still trade: by all of it when it comes, by less than zero when it fills or goes. */
  shift(order: Pending, qty: number): void {
    const { instrument } = order;
    const sums = this.#sums(order.side, order.reduce_only);
    sums[instrument] = (sums[instrument] as number) + qty;
    if (order.reduce_only) this.reductions[instrument] = (this.reductions[instrument] as number) + 1;
    else {
      const price = ownPrice(order);
      const dearest = this.#dearest[instrument] as number;
      if (dearest !== UNKNOWN && price >= dearest) this.#dearest[instrument] = qty > 0 ? price : UNKNOWN;
    }
    this.#note(instrument);
  }

  /** A price of the instrument's open orders moved. */
  moved(instrument: number): void {
    this.#dearest[instrument] = UNKNOWN;
    this.reductions[instrument] = (this.reductions[instrument] as number) + 1;
    this.#note(instrument);
  }

  /** Highest own price of an instrument's open orders that may add to a position, 0 where none has one. @param orders all of its open orders. */
  dearest(instrument: number, orders: readonly Pending[]): number {
    const known = this.#dearest[instrument] as number;
    if (known !== UNKNOWN) return known;
    let dearest = 0;
    for (let n = 0; n < orders.length; n++) {
      const order = orders[n] as Pending;
      if (!order.reduce_only) dearest = Math.max(dearest, ownPrice(order));
    }
    this.#dearest[instrument] = dearest;
    return dearest;
  }

  /** The instrument's holding or price changed. */
  touch(instrument: number): void {
    this.touches += 1;
    this.#note(instrument);
  }

  /** The instruments that changed since the last call, each once. */
  takeChanged(into: (instrument: number) => void): void {
    for (let i = this.#changed.pop(); i !== undefined; i = this.#changed.pop()) {
      this.#isChanged[i] = 0;
      into(i);
    }
  }

  /** Signed quantity that orders which may add would bring, all of them filled. */
  net(instrument: number): number {
    return (this.buys[instrument] as number) - (this.sells[instrument] as number);
  }

  /** Open quantity of a side, orders that only reduce included. */
  on(side: Side, instrument: number): number {
    const [adding, reducing] = side === "buy" ? [this.buys, this.reducing_buys] : [this.sells, this.reducing_sells];
    return (adding[instrument] as number) + (reducing[instrument] as number);
  }

  /** Largest position that can come of what is held: every buy fills, and no sell. */
  highest(instrument: number, held: number): number {
    const reducing = held < 0 ? Math.min(this.reducing_buys[instrument] as number, -held) : 0;
    return held + reducing + (this.buys[instrument] as number);
  }

  /** Smallest position that can come of what is held: every sell fills, and no buy. */
  lowest(instrument: number, held: number): number {
    const reducing = held > 0 ? Math.min(this.reducing_sells[instrument] as number, held) : 0;
    return held - reducing - (this.sells[instrument] as number);
  }

  #note(instrument: number): void {
    if (this.#isChanged[instrument] === 1) return;
    this.#isChanged[instrument] = 1;
    this.#changed.push(instrument);
  }

  #sums(side: Side, reduces: boolean): Float64Array {
    if (side === "buy") return reduces ? this.reducing_buys : this.buys;
    return reduces ? this.reducing_sells : this.sells;
  }
}

function ownPrice({ limit, stop }: Pending): number {
  return limit ?? stop ?? 0;
}
