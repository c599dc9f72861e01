/** An account by hand, as the gate sees it: USD at two decimals, prices at two, whole shares, unless told otherwise. */
import type { Side } from "../../src/core/engine/run-events.js";
import { unlimitedPolicy } from "../../src/core/gate/no-limits.js";
import { OrderFlow } from "../../src/core/gate/order-flow.js";
import type { Comparison, Limit, RiskLimits, RiskPolicy, TradingRules } from "../../src/core/gate/policy.js";
import { PolicyGate } from "../../src/core/gate/policy-gate.js";
import type { RiskFigures } from "../../src/core/gate/risk-figures.js";
import type { DataState, GateOrder, RiskView, VolumeSum } from "../../src/core/gate/risk-view.js";
import type { Instrument } from "../../src/core/market/instrument.js";
import { setRate, type Units, unitsOf } from "../../src/core/money/units.js";
import { Order } from "../../src/core/orders/order.js";
import { PendingBook } from "../../src/core/orders/pending-book.js";

export interface HandInstrument extends Partial<Instrument> {
  readonly symbol: string;
  readonly held?: number;
  /** In cents; null for none. */
  readonly price?: number | null;
  /** What one unit of its currency is worth in the account's. */
  readonly rate?: string;
}

const NOW = 1_704_200_000_000;

export class HandAccount implements RiskView {
  now: number = NOW;
  cash: bigint | null = 100_000_000n;
  figures: RiskFigures = {
    kill_switch_active: false,
    daily_freeze_active: false,
    equity: 100_000_000n,
    day_start_equity: 100_000_000n,
    peak_equity: 100_000_000n,
    consecutive_losses: 0,
  };
  readonly instruments: readonly Instrument[];
  readonly positions: { readonly units: Units; qty: number }[];
  readonly marks: Float64Array;
  readonly marked_at: Float64Array;
  readonly pending: PendingBook;
  flow: OrderFlow;
  readonly orders: Order[][];
  known: boolean[];
  rates: { [currency: string]: { readonly numerator: bigint; readonly denominator: bigint } } = {};
  trading: boolean = true;
  data: DataState = { age_ms: 0, faults: [] };
  volume: VolumeSum | null = { volume: 1_000, scale: 0, bars: 10 };
  slip: number = 0;
  short: bigint = 0n;
  readonly asleep: Set<string> = new Set();

  constructor(instruments: readonly HandInstrument[] = [{ symbol: "AAA" }], duplicateMs = 10_000) {
    this.instruments = instruments.map(({ held: _, price: __, rate: ___, ...stated }) => ({
      asset_class: "equity",
      currency: "USD",
      price_tick: "0.01",
      lot_step: "1",
      min_qty: "1",
      multiplier: "1",
      calendar: "24/7",
      settlement: "cash",
      guessed: [],
      ...stated,
    }));
    this.positions = this.instruments.map((instrument, i) => ({ units: unitsOf(instrument, 2, 2), qty: instruments[i]?.held ?? 0 }));
    instruments.forEach(({ rate }, i) => {
      const units = this.positions[i]?.units;
      if (rate !== undefined && units !== undefined) setRate(units, rate);
    });
    this.marks = Float64Array.from(instruments, ({ price }) => (price === null ? Number.NaN : (price ?? 10_000)));
    this.marked_at = new Float64Array(instruments.length).fill(NOW);
    this.pending = new PendingBook(instruments.length);
    this.flow = new OrderFlow(instruments.length, duplicateMs);
    this.orders = instruments.map(() => []);
    this.known = instruments.map(() => true);
  }

  /** Adds an open order. */
  open(
    instrument: number,
    side: Side,
    qty: number,
    more: { readonly limit?: number; readonly stop?: number; readonly reduce_only?: boolean; readonly id?: string } = {},
  ): Order {
    const seq = this.orders.flat().length + 1;
    const { limit = null, stop = null, reduce_only = false, id = `O${seq}` } = more;
    const type = limit !== null ? (stop === null ? "limit" : "stop_limit") : stop === null ? "market" : "stop";
    const terms = { type, tif: "GTC", qty, limit, stop, trail: null, expire_at: null, oco: null, parent: null } as const;
    const order = new Order({ id, seq, key: `key-${seq}`, signal_id: "S1", instrument, side, reduce_only, ...terms }, NOW);
    this.orders[instrument]?.push(order);
    this.pending.shift(order, qty);
    return order;
  }

  set(changes: Partial<Pick<HandAccount, "cash" | "known" | "volume" | "short">>): void {
    Object.assign(this, changes);
  }

  /** A price and a holding, told as whoever fills a view has to. */
  hold(instrument: number, price: number, held: number): void {
    this.marks[instrument] = price;
    (this.positions[instrument] as { qty: number }).qty = held;
    this.pending.touch(instrument);
  }

  setFigures(changes: Partial<RiskFigures>): void {
    this.figures = { ...this.figures, ...changes };
  }

  working(instrument: number): readonly Order[] {
    return this.orders[instrument] ?? [];
  }
  sleeps(order: { readonly id: string }): boolean {
    return this.asleep.has(order.id);
  }
  knowsRate(instrument: number): boolean {
    return this.known[instrument] === true;
  }
  rateOf(currency: string): { readonly numerator: bigint; readonly denominator: bigint } | null {
    return this.rates[currency] ?? null;
  }
  isTrading(): boolean {
    return this.trading;
  }
  dataOf(): DataState {
    return this.data;
  }
  volumeOf(): VolumeSum | null {
    return this.volume;
  }
  slipped(_: number, side: Side, price: number): number {
    return side === "buy" ? price + this.slip : price - this.slip;
  }
  shortfall(): bigint {
    return this.short;
  }
}

/** A market order to buy 10 of the first instrument, not among the open ones. */
export function gateOrder(changes: Partial<GateOrder> = {}): GateOrder {
  const qty = changes.qty ?? 10;
  return {
    subject: "order",
    instrument: 0,
    side: "buy",
    type: changes.limit === undefined ? "market" : "limit",
    qty,
    added: qty,
    limit: null,
    stop: null,
    reduce_only: false,
    protective_stop: null,
    flattens: false,
    sleeps: false,
    ...changes,
  };
}

/** A policy that limits nothing but what is told. */
export function policyWith(
  limits: Partial<RiskLimits>,
  trading: Partial<TradingRules> = {},
  more: Partial<Omit<RiskPolicy, "limits" | "trading">> = {},
): RiskPolicy {
  const none = unlimitedPolicy("hand");
  return { ...none, ...more, limits: { ...none.limits, ...limits }, trading: { ...none.trading, ...trading } };
}

/** The gate under a policy over an account by hand; fingerprints are the policy's text itself. */
export function gateOf(policy: RiskPolicy, view: HandAccount): PolicyGate {
  return new PolicyGate({ policy, account: { currency: "USD", scale: 2 }, instruments: view.instruments, view, hash: (text) => text });
}

/** A limit in the account's currency. */
export function usd(amount: string, comparison: Comparison = "exceeds"): readonly Limit[] {
  return [{ limit: { amount, currency: "USD" }, comparison }];
}

export function ofEquity(fraction: string, comparison: Comparison = "exceeds"): readonly Limit[] {
  return [{ limit: { fraction, fraction_of: "equity" }, comparison }];
}

/** A loss limit without alert and kill level. */
export function lossLimit(limit: readonly Limit[]): RiskLimits["daily_loss"] {
  return { alert: [], limit, kill: [] };
}

/** What the gate says to one order: `ok`, or the code of the refusal. */
export function verdict(
  policy: RiskPolicy,
  order: Partial<GateOrder> = {},
  account: (view: HandAccount) => void = () => {},
  of?: readonly HandInstrument[],
): string {
  const view = new HandAccount(of);
  account(view);
  const decision = gateOf(policy, view).decide(gateOrder(order));
  return decision.decision === "approved" ? "ok" : (decision.code ?? "denied");
}
