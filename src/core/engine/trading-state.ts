/**
 * Orders, positions and cash of a run, folded from its events and from nothing else.
 *
 * Invariant: two states that folded the same events have the same {@link TradingState.text}, so its hash is what replay
 * compares at every session close.
 */
import type { RiskEvent } from "../gate/risk-events.js";
import { bigOf, formatBig, formatScaled, scaledOf } from "../money/decimal.js";
import type { Units } from "../money/units.js";
import { BracketBook, type EntryFill } from "../orders/bracket-book.js";
import { KeyBook } from "../orders/key-book.js";
import { fillIdOf, judgeFill, leaves, moveOrder, Order } from "../orders/order.js";
import { PendingBook } from "../orders/pending-book.js";
import { trailOf } from "../orders/trail.js";
import { applyFill, openPortfolio, type Portfolio, type Position } from "../portfolio/portfolio.js";
import type { UtcMillis } from "../tape/event.js";
import { bookCashEvent, priceInForce } from "./book-cash-event.js";
import { InvalidFact } from "./invalid-fact.js";
import { createdPayload, type FillFact, termsOf } from "./order-payloads.js";
import type { Proposal } from "./proposal.js";
import type { OrderCreated, OrderFill, OrderModified, RiskDecided, RunEvent } from "./run-events.js";

export interface TradingCounts {
  signals: number;
  orders: number;
  fills: number;
}

export class TradingState {
  readonly units: readonly Units[];
  readonly portfolio: Portfolio;
  /** Orders that may still change, per instrument, ascending by creation. */
  readonly working: readonly Order[][];
  readonly brackets: BracketBook = new BracketBook();
  /** Sums of {@link working}. */
  readonly pending: PendingBook;
  readonly counts: TradingCounts = { signals: 0, orders: 0, fills: 0 };
  /** Orders that were cancelled or ran out, by id: a venue may still report a fill of them. */
  readonly #ended = new Map<string, Order>();
  /** Those of them that were filled after they had ended, in the order of the first such fill. */
  readonly #late = new Map<string, Order>();
  readonly #keys = new KeyBook();
  /** Open orders by id; null until somebody looks for one. */
  #byId: Map<string, Order> | null = null;
  readonly #index = new Map<string, number>();
  readonly #moneyScale: number;

  constructor(units: readonly Units[], cash: bigint, moneyScale: number) {
    this.units = units;
    this.portfolio = openPortfolio(units, cash);
    this.working = units.map(() => []);
    this.pending = new PendingBook(units.length);
    this.#moneyScale = moneyScale;
    units.forEach((u, i) => {
      this.#index.set(u.symbol, i);
    });
  }

  /** Index of a symbol in the run's symbol order. @throws {InvalidFact} UNKNOWN_SYMBOL */
  indexOf(symbol: string): number {
    const index = this.#index.get(symbol);
    if (index === undefined) throw new InvalidFact("UNKNOWN_SYMBOL", `${symbol} is not in this run`);
    return index;
  }

  position(instrument: number): Position {
    const position = this.portfolio.positions[instrument];
    if (position === undefined) throw new InvalidFact("UNKNOWN_SYMBOL", `instrument ${instrument} is not in this run`);
    return position;
  }

  unitsAt(instrument: number): Units {
    return this.position(instrument).units;
  }

  workingAt(instrument: number): Order[] {
    const orders = this.working[instrument];
    if (orders === undefined) throw new InvalidFact("UNKNOWN_SYMBOL", `instrument ${instrument} is not in this run`);
    return orders;
  }

  /** Open orders, ascending by creation. */
  openOrders(): readonly Order[] {
    return this.working.flat().sort((a, b) => a.seq - b.seq);
  }

  /** Orders that may still change, by id. Written up when somebody first asks: a run of market orders never does. */
  get open(): ReadonlyMap<string, Order> {
    this.#byId ??= new Map(this.openOrders().map((order) => [order.id, order]));
    return this.#byId;
  }

  /** The open order of an id, or undefined. */
  find(id: string): Order | undefined {
    return this.open.get(id);
  }

  /** @throws {InvalidFact} ORDER_NOT_FOUND when no open order has the id. */
  order(id: string): Order {
    const order = this.find(id);
    if (order === undefined) throw new InvalidFact("ORDER_NOT_FOUND", `no open order ${id}`);
    return order;
  }

  /** What an idempotency key created, or undefined. See {@link KeyBook} for the keys that are kept. */
  createdUnder(key: () => string): OrderCreated | undefined {
    const order = this.#keys.get(key);
    return order === undefined ? undefined : this.#creationOf(order);
  }

  /**
   * Folds an accepted proposal: what {@link apply} does with its text, without the text.
   * @throws as {@link apply}.
   */
  fold(proposal: Proposal): void {
    const { order } = proposal;
    if (order === null) {
      this.apply(proposal.event);
      return;
    }
    switch (proposal.kind) {
      case "order.created":
        this.counts.orders += 1;
        this.#admit(order, !order.derived);
        return;
      case "risk.decided": {
        const { decision, subject } = proposal.fact as RiskDecided;
        if (decision === "denied" && subject === undefined) this.#end(order, "deny");
        return;
      }
      case "order.submitted":
        moveOrder(order, "submit");
        return;
      case "order.accepted":
        moveOrder(order, "accept");
        return;
      case "order.partially_filled":
      case "order.filled":
        this.#fillByVenue(order, proposal.fact as FillFact, proposal.occurred_at);
        return;
      default:
        this.apply(proposal.event);
    }
  }

  /**
   * Folds one event.
   * @throws {InvalidFact} for a fact that contradicts the state.
   * @throws {IllegalTransition} for an action that the order's status does not allow.
   */
  apply(event: RunEvent): void {
    switch (event.type) {
      case "signal.emitted":
        this.counts.signals += 1;
        return;
      case "order.created":
        this.#create(event.payload, event.occurred_at);
        return;
      case "risk.decided":
        // A change that is refused leaves its order as it was.
        if (event.payload.decision === "denied" && event.payload.subject === undefined)
          this.#end(this.order(event.payload.order_id), "deny");
        return;
      case "order.submitted":
        moveOrder(this.order(event.payload.order_id), "submit");
        return;
      case "order.accepted":
        moveOrder(this.order(event.payload.order_id), "accept");
        return;
      case "order.triggered":
        this.order(event.payload.order_id).triggered = true;
        return;
      case "order.cancel_requested":
        this.order(event.payload.order_id).cancel_requested = true;
        return;
      case "order.partially_filled":
      case "order.filled":
        this.#fill(event.payload, event.type === "order.filled", event.occurred_at);
        return;
      case "order.modified":
        this.#modify(event.payload);
        return;
      case "order.trailed": {
        const order = this.order(event.payload.order_id);
        this.#creationOf(order);
        order.stop = scaledOf(event.payload.stop_price, this.unitsAt(order.instrument).price_scale);
        this.pending.moved(order.instrument);
        return;
      }
      case "fill.late":
        this.#bookLate(event.payload);
        return;
      case "order.rejected":
        this.#end(this.order(event.payload.order_id), "reject");
        return;
      case "order.cancelled":
        this.#end(this.order(event.payload.order_id), "cancel");
        return;
      case "order.expired":
        this.#end(this.order(event.payload.order_id), "expire");
        return;
      case "cash.accrued":
      case "variation.settled":
      case "dividend.paid":
      case "split.applied":
        bookCashEvent(event, this.portfolio, (symbol) => this.position(this.indexOf(symbol)), this.#moneyScale);
        if (event.payload.symbol !== undefined) this.pending.touch(this.indexOf(event.payload.symbol));
        return;
      case "run.started":
      case "session.started":
      case "bar.closed":
      case "bar.refused":
      case "bars.attached":
      case "session.opened":
      case "session.closed":
      case "signal.declined":
      case "order.modify_requested":
      case "order.modify_rejected":
      case "request.declined":
      case "run.completed":
        return;
      default:
        // They move no order and no money: the account's risk state folds them.
        event satisfies RiskEvent;
        return;
    }
  }

  /** Canonical JSON text of everything folded: equal states have equal texts. */
  text(): string {
    const money = (amount: bigint): string => formatBig(amount, this.#moneyScale);
    const positions = this.portfolio.positions.map((p) => ({
      basis: money(p.basis),
      // What a run never used is not told, so that it costs nothing.
      ...(p.borrow === 0n ? {} : { borrow: money(p.borrow) }),
      ...(p.carried === p.basis || p.units.settlement === "cash" ? {} : { carried: money(p.carried) }),
      commission: money(p.commission),
      ...(p.dividends === 0n ? {} : { dividends: money(p.dividends) }),
      qty: formatScaled(p.qty, p.units.qty_scale),
      realized: money(p.realized),
      ...(p.settled === 0n ? {} : { settled: money(p.settled) }),
      symbol: p.units.symbol,
    }));
    const orders = this.openOrders().map((o) => ({
      cancel_requested: o.cancel_requested,
      expire_at: o.expire_at,
      filled: o.filled,
      fills: o.fills,
      id: o.id,
      key: o.key,
      limit: o.limit,
      qty: o.qty,
      status: o.status,
      stop: o.stop,
      triggered: o.triggered,
    }));
    const brackets = this.brackets.list().map((b) => ({ entered: b.entered, entry: b.entry, exited: b.exited, parent: b.parent }));
    const late = [...this.#late.values()].map((o) => ({ filled: o.filled, fills: o.fills, id: o.id }));
    const { fills, orders: created, signals } = this.counts;
    return JSON.stringify({
      brackets,
      cash: formatBig(this.portfolio.cash, this.#moneyScale),
      counts: { fills, orders: created, signals },
      ...(this.portfolio.interest === 0n ? {} : { interest: money(this.portfolio.interest) }),
      ...(late.length === 0 ? {} : { late }),
      orders,
      positions,
    });
  }

  #create(payload: OrderCreated, at: number): void {
    if (this.find(payload.order_id) !== undefined) throw new InvalidFact("ORDER_ALREADY_EXISTS", payload.order_id);
    if (this.#keys.has(payload.idempotency_key)) throw new InvalidFact("ORDER_ALREADY_EXISTS", `key ${payload.idempotency_key}`);
    const instrument = this.indexOf(payload.symbol);
    this.counts.orders += 1;
    const order = new Order(termsOf(payload, this.counts.orders, instrument, this.unitsAt(instrument)), at);
    order.created = payload;
    this.#admit(order, true);
  }

  #admit(order: Order, keepsKey: boolean): void {
    if (keepsKey) this.#keys.add(order);
    this.#byId?.set(order.id, order);
    this.workingAt(order.instrument).push(order);
    this.pending.shift(order, leaves(order));
    if (order.parent !== null) this.brackets.join(order.parent);
  }

  /** An order as its creation stands on the tape. Kept from then on: terms that change must not change what a key made. */
  #creationOf(order: Order): OrderCreated {
    order.created ??= createdPayload(order, this.unitsAt(order.instrument));
    return order.created;
  }

  #modify(terms: OrderModified): void {
    const order = this.order(terms.order_id);
    const units = this.unitsAt(order.instrument);
    const qty = terms.qty === undefined ? order.qty : scaledOf(terms.qty, units.qty_scale);
    if (qty <= order.filled) throw new InvalidFact("OVERFILL", `order ${order.id} of ${terms.qty} has no less filled than that`);
    this.#creationOf(order);
    this.pending.shift(order, qty - order.qty);
    order.qty = qty;
    if (terms.limit_price !== undefined) order.limit = scaledOf(terms.limit_price, units.price_scale);
    if (terms.stop_price !== undefined) order.stop = scaledOf(terms.stop_price, units.price_scale);
    this.pending.moved(order.instrument);
    if (terms.expire_at !== undefined) order.expire_at = terms.expire_at;
    order.trail = trailOf(terms, units) ?? order.trail;
  }

  #end(order: Order, action: "deny" | "reject" | "cancel" | "expire"): void {
    moveOrder(order, action);
    if (action === "cancel" || action === "expire") this.#ended.set(order.id, order);
    this.#drop(order);
  }

  #fill(fill: OrderFill, whole: boolean, ts: UtcMillis): void {
    const order = this.order(fill.order_id);
    const qty = this.#accepts(order, fill, whole ? "whole" : "part");
    if (fill.fill_id === fillIdOf(order, order.fills + 1)) order.countFill();
    else order.fill_ids.push(fill.fill_id);
    this.#fillOpen(order, qty, { ts, at: fill.at, price: scaledOf(fill.price, this.unitsAt(order.instrument).price_scale) });
    this.#book(fill);
  }

  #fillByVenue(order: Order, { fill }: FillFact, ts: UtcMillis): void {
    const { qty, price } = fill.units;
    if (!Number.isSafeInteger(qty) || qty <= 0 || qty > leaves(order))
      throw new InvalidFact("OVERFILL", `a fill of ${qty} units for ${order.id}`);
    order.countFill();
    this.#fillOpen(order, qty, { ts, at: fill.at, price });
    this.counts.fills += 1;
    applyFill(this.portfolio, this.position(order.instrument), fill.units);
    this.pending.touch(order.instrument);
  }

  #fillOpen(order: Order, qty: number, entry: Omit<EntryFill, "came">): void {
    const whole = qty === leaves(order);
    moveOrder(order, whole ? "fill" : "fill_part");
    order.filled += qty;
    this.pending.shift(order, -qty);
    if (!this.brackets.empty) this.brackets.filled(order, qty, entry);
    if (whole) this.#drop(order);
  }

  #bookLate(fill: OrderFill): void {
    const order = this.#ended.get(fill.order_id);
    if (order === undefined) throw new InvalidFact("ORDER_NOT_FOUND", `no cancelled or expired order ${fill.order_id}`);
    const qty = this.#accepts(order, fill, "late");
    order.filled += qty;
    order.fill_ids.push(fill.fill_id);
    this.#late.set(order.id, order);
    this.#book(fill);
  }

  /** Quantity of a fill that its order can have. @throws {InvalidFact} for one that contradicts the order. */
  #accepts(order: Order, fill: OrderFill, as: "whole" | "part" | "late"): number {
    const qty = scaledOf(fill.qty, this.unitsAt(order.instrument).qty_scale);
    const verdict = judgeFill(order, fill.fill_id, qty);
    if (verdict.kind === "refused") throw new InvalidFact(verdict.code, `fill ${fill.fill_id} of ${fill.qty} for ${order.id}`);
    if (verdict.kind !== as)
      throw new InvalidFact("INVALID_STATE_TRANSITION", `fill ${fill.fill_id} of ${fill.qty} does not leave ${order.id} as it says`);
    if (fill.side !== order.side || this.indexOf(fill.symbol) !== order.instrument)
      throw new InvalidFact("FILL_MISMATCH", `fill ${fill.fill_id} has another side or symbol than ${order.id}`);
    return qty;
  }

  #book(fill: OrderFill): void {
    const instrument = this.indexOf(fill.symbol);
    const position = this.position(instrument);
    this.pending.touch(instrument);
    this.counts.fills += 1;
    priceInForce(position.units, fill);
    applyFill(this.portfolio, position, {
      side: fill.side,
      qty: scaledOf(fill.qty, position.units.qty_scale),
      price: scaledOf(fill.price, position.units.price_scale),
      commission: bigOf(fill.commission, this.#moneyScale) + (fill.tax === undefined ? 0n : bigOf(fill.tax, this.#moneyScale)),
    });
  }

  #drop(order: Order): void {
    this.#byId?.delete(order.id);
    this.pending.shift(order, -leaves(order));
    const orders = this.workingAt(order.instrument);
    const at = orders.indexOf(order);
    if (at >= 0) {
      // Cheaper than a splice, which makes a list of what it takes out.
      for (let i = at + 1; i < orders.length; i++) orders[i - 1] = orders[i] as Order;
      orders.pop();
    }
    if (order.parent !== null) this.brackets.leave(order.parent);
  }
}
