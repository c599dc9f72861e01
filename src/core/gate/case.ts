/** The order in hand with everything that checks derive from it and the account. One object serves order after order. */
import { type Amount, amountOf, notionalAmount, shareText } from "../money/amount.js";
import type { Units } from "../money/units.js";
import type { CheckCode } from "./check-codes.js";
import { PortfolioHeat } from "./portfolio-heat.js";
import { Projection } from "./projection.js";
import type { RiskFigures } from "./risk-figures.js";
import type { DataState, GateOrder, RiskView } from "./risk-view.js";

/** How much of a limit is used. */
export interface Utilisation {
  readonly code: CheckCode;
  /** Value over limit, decimal text of at most six places. */
  readonly fraction: string;
}

const PLACES = 6;

export class Case {
  readonly view: RiskView;
  readonly projection: Projection;
  readonly #heat: PortfolioHeat;
  order: GateOrder = NO_ORDER;
  units: Units;
  /** Held now, signed. */
  held: number = 0;
  /** Newest close, or null. */
  mark: number | null = null;
  /** What the order may trade at, for valuing it: its limit, its stop, else the newest close. */
  price: number = Number.NaN;
  /** True where it can only bring the position nearer to zero, whatever fills first: the venue itself holds it to that. */
  reduces: boolean = false;
  /** False where a number or the price is missing or no safe integer: nothing can then be computed. */
  sound: boolean = false;
  figures: RiskFigures = NO_FIGURES;
  #projected = false;
  #equity: Amount = 0;
  /** When, at which holdings and with which cash equity was read. */
  #equityAt = Number.NaN;
  #equityTouches = -1;
  #equityCash: bigint | null = null;
  #data: DataState | null = null;
  #tightest: CheckCode | null = null;
  #ratio = -1;
  #value: Amount = 0;
  #limit: Amount = 1;

  /** @param foreign instruments in another currency than the account's. */
  constructor(view: RiskView, foreign: readonly number[]) {
    this.view = view;
    this.units = (view.positions[0] as { units: Units }).units;
    this.projection = new Projection(view, foreign);
    this.#heat = new PortfolioHeat(view, this.projection);
  }

  begin(order: GateOrder): void {
    const { view } = this;
    const { instrument, qty, limit, stop } = order;
    const position = view.positions[instrument] as { units: Units; qty: number };
    const mark = view.marks[instrument] as number;
    this.order = order;
    this.units = position.units;
    this.held = position.qty;
    this.mark = Number.isNaN(mark) ? null : mark;
    this.price = limit ?? stop ?? mark;
    this.sound =
      isWhole(qty) &&
      isWhole(order.added) &&
      isWhole(mark) &&
      mark > 0 &&
      (limit === null || isWhole(limit)) &&
      (stop === null || isWhole(stop));
    this.reduces = order.reduce_only;
    this.figures = view.figures;
    this.#projected = false;
    this.#data = null;
    this.#tightest = null;
    this.#ratio = -1;
  }

  /** What the order itself is worth. A limit below what a seller may get is not what the order trades at: the better price counts. */
  get notional(): Amount {
    const { side, stop, qty } = this.order;
    const price = side === "sell" ? Math.max(this.price, stop ?? this.mark ?? 0) : this.price;
    return notionalAmount(this.units, price, qty);
  }

  /** Read once an order. */
  get data(): DataState {
    this.#data ??= this.view.dataOf(this.order.instrument);
    return this.#data;
  }

  /** Read again only once something that it is made of has changed: it is the sum of all that the account holds. */
  get equity(): Amount {
    const { now, cash, pending } = this.view;
    if (now !== this.#equityAt || pending.touches !== this.#equityTouches || cash !== this.#equityCash) {
      this.#equityAt = now;
      this.#equityTouches = pending.touches;
      this.#equityCash = cash;
      this.#equity = amountOf(this.figures.equity);
    }
    return this.#equity;
  }

  /** The portfolio once every open order, this one included, has filled in the worst order. Ask only where the case is {@link sound}. */
  get projected(): Projection {
    if (!this.#projected) {
      this.projection.judge(this.order, this.#valuedAt());
      this.#projected = true;
    }
    return this.projection;
  }

  get heat(): Amount {
    this.projected;
    return this.#heat.with(this.order);
  }

  /** Notes how much of a limit is used: an approval names the tightest. */
  uses(code: CheckCode, value: Amount, limit: Amount): void {
    const ratio = Number(value) / Number(limit);
    // Nothing of nothing is no use.
    if (!(ratio > this.#ratio)) return;
    this.#ratio = ratio;
    this.#tightest = code;
    this.#value = value;
    this.#limit = limit;
  }

  /** The tightest limit of those that were noted, the first of equals; null where there is none. */
  get utilisation(): Utilisation | null {
    if (this.#tightest === null || this.#limit <= 0) return null;
    return { code: this.#tightest, fraction: shareText(this.#value, this.#limit, PLACES) };
  }

  #valuedAt(): number {
    return Math.max(this.mark ?? 0, this.price);
  }
}

function isWhole(n: number): boolean {
  return Number.isSafeInteger(n);
}

/** An order that trades nothing. */
export const NO_ORDER: GateOrder = {
  subject: "order",
  instrument: 0,
  side: "buy",
  type: "market",
  qty: 0,
  added: 0,
  limit: null,
  stop: null,
  reduce_only: false,
  closes: false,
  protective_stop: null,
  flattens: false,
  sleeps: false,
};

const NO_FIGURES: RiskFigures = {
  kill_switch_active: true,
  daily_freeze_active: true,
  equity: 0n,
  day_start_equity: 0n,
  peak_equity: 0n,
  consecutive_losses: 0,
};
