/**
 * Portfolio heat: what all positions lose together when each falls to its stops; without a stop, a position's whole value.
 *
 * Stops are open orders that only reduce. Where they cover more than the position, those farthest from the price count: the worst order.
 */
import { type Amount, addAmounts, largerOf, notionalAmount, subtractAmounts } from "../money/amount.js";
import type { Units } from "../money/units.js";
import { leaves } from "../orders/order.js";
import type { Projection } from "./projection.js";
import type { GateOrder, RiskView } from "./risk-view.js";

type Seen = Pick<RiskView, "positions" | "marks" | "pending" | "working">;

interface Stop {
  readonly price: number;
  readonly qty: number;
}

export class PortfolioHeat {
  readonly #view: Seen;
  readonly #projection: Projection;
  /** Heat by instrument, without the order in hand. */
  readonly #parts: Amount[];
  #sum: Amount = 0;
  /** Stops by instrument and side, and the count of reductions at which they were looked for. */
  readonly #stops: (readonly Stop[])[];
  readonly #stopsAt: Float64Array;

  constructor(view: Seen, projection: Projection) {
    this.#view = view;
    this.#projection = projection;
    this.#parts = view.positions.map(() => 0);
    this.#stops = view.positions.flatMap(() => [NO_STOPS, NO_STOPS]);
    this.#stopsAt = new Float64Array(this.#stops.length).fill(Number.NaN);
  }

  /** Heat with the order in hand, which the projection has taken in. */
  with(order: GateOrder): Amount {
    const { positions, marks, pending } = this.#view;
    this.#projection.takeChanged(this.#renew);
    const { units, qty: held } = positions[order.instrument] as (typeof positions)[number];
    const { highest, lowest, price } = this.#projection.own;
    const mark = marks[order.instrument] as number;
    // Of an order that works already the stop works too: a change brings it for what it adds.
    const qty = order.subject === "modification" ? order.added : order.qty;
    const brought = order.protective_stop === null ? null : { price: order.protective_stop, qty };
    let own = this.#heatOf(order.instrument, { units, highest, lowest, price }, order.side, brought);
    // Above the market a short is past its stops: what is held now loses from where the market is.
    if (price !== mark && held < 0 && pending.reducing_buys[order.instrument] !== 0)
      own = largerOf(own, this.#heatOf(order.instrument, { units, highest: 0, lowest: held, price: mark }, order.side, null));
    return addAmounts(subtractAmounts(this.#sum, this.#parts[order.instrument] as Amount), own);
  }

  readonly #renew = (i: number): void => {
    const mark = this.#view.marks[i] as number;
    const { units } = this.#view.positions[i] as { units: Units };
    const { highest, lowest, price } = this.#projection.worstOf(i);
    let heat = Number.isNaN(mark) ? 0 : this.#heatOf(i, { units, highest, lowest, price }, "buy", null);
    // All that is not a short above its stops is worth more, and loses more, at the higher price.
    if (price > mark && lowest < 0 && this.#view.pending.reducing_buys[i] !== 0)
      heat = largerOf(heat, this.#heatOf(i, { units, highest: 0, lowest, price: mark }, "buy", null));
    this.#sum = addAmounts(subtractAmounts(this.#sum, this.#parts[i] as Amount), heat);
    this.#parts[i] = heat;
  };

  #heatOf(
    instrument: number,
    worst: { readonly units: Units; readonly highest: number; readonly lowest: number; readonly price: number },
    side: "buy" | "sell",
    brought: Stop | null,
  ): Amount {
    const { units, highest, lowest, price } = worst;
    if (highest <= 0 && lowest >= 0) return 0;
    const long = highest > 0 ? lossAt(this.#stopsOf(instrument, "sell", side === "buy" ? brought : null), units, highest, price) : 0;
    const short = lowest < 0 ? lossAt(this.#stopsOf(instrument, "buy", side === "sell" ? brought : null), units, lowest, price) : 0;
    return largerOf(long, short);
  }

  /** Stops that protect a position by selling it, or by buying it back; the farthest from the price first. */
  #stopsOf(instrument: number, side: "buy" | "sell", brought: Stop | null): readonly Stop[] {
    const { pending } = this.#view;
    const reducing = side === "sell" ? pending.reducing_sells : pending.reducing_buys;
    if (reducing[instrument] === 0) return brought === null ? NO_STOPS : [brought];
    const at = 2 * instrument + (side === "sell" ? 0 : 1);
    const reductions = pending.reductions[instrument] as number;
    if (this.#stopsAt[at] !== reductions) {
      this.#stopsAt[at] = reductions;
      this.#stops[at] = this.#openStops(instrument, side);
    }
    const stops = this.#stops[at] as readonly Stop[];
    return brought === null ? stops : farthestFirst([brought, ...stops], side);
  }

  #openStops(instrument: number, side: "buy" | "sell"): readonly Stop[] {
    const stops: Stop[] = [];
    for (const order of this.#view.working(instrument)) {
      if (order.reduce_only && order.stop !== null && order.side === side) stops.push({ price: order.stop, qty: leaves(order) });
    }
    return farthestFirst(stops, side);
  }
}

function farthestFirst(stops: Stop[], side: "buy" | "sell"): readonly Stop[] {
  return stops.length < 2 ? stops : stops.sort((a, b) => (side === "sell" ? a.price - b.price : b.price - a.price));
}

const NO_STOPS: readonly Stop[] = [];

/** @param position signed. */
function lossAt(stops: readonly Stop[], units: Units, position: number, price: number): Amount {
  let open = Math.abs(position);
  let loss: Amount = 0;
  for (const stop of stops) {
    const qty = Math.min(open, stop.qty);
    open -= qty;
    const distance = position > 0 ? price - stop.price : stop.price - price;
    if (distance > 0 && qty > 0) loss = addAmounts(loss, notionalAmount(units, distance, qty));
  }
  return open === 0 ? loss : addAmounts(loss, notionalAmount(units, price, open));
}
