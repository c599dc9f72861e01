/**
 * Runs a strategy's handlers: gives it its views, collects what it wants, and turns its numbers into exact ones.
 *
 * Nothing a handler wants is visible before the handler has returned; a handler that throws leaves no wish behind.
 */

import type { Calendar } from "../market/calendar.js";
import type { Units } from "../money/units.js";
import type { Indicator, IndicatorFactory, IndicatorReading } from "../strategy/indicator.js";
import type { ParamSchemas, ParamValues } from "../strategy/params.js";
import type {
  AnyStrategy,
  Bar,
  BarSlice,
  Context,
  FillView,
  ModifyOptions,
  OpenOrderView,
  PositionView,
  SessionView,
  SignalOptions,
} from "../strategy/strategy.js";
import type { Json, JsonObject, UtcMillis } from "../tape/event.js";
import type { OrderModifyRequested, SignalAction } from "./run-events.js";
import { BadOrder, exactChange, exactTarget, exactTerms, type SignalDraft, signalDraft } from "./signal-options.js";

type Handler = "onBar" | "onBars" | "onFill" | "onSession" | "onEnd" | "state" | "indicators";

/** A strategy's own fault: a handler threw, or asked for something that cannot be. */
export class StrategyFailure extends Error {
  readonly code: "STRATEGY_THREW" | "BAD_ORDER" | "BAD_STATE";
  readonly handler: Handler;
  readonly bar_ts: UtcMillis | null;

  constructor(code: StrategyFailure["code"], handler: Handler, barTs: UtcMillis | null, cause: unknown) {
    super(messageOf(cause), { cause });
    this.name = "StrategyFailure";
    this.code = code;
    this.handler = handler;
    this.bar_ts = barTs;
  }
}

/** Most signals per symbol at one bar time. */
const MAX_SIGNALS_AT_ONCE = 10_000;

/** Longest message of a failure that goes on the tape, in UTF-16 units. */
const LONGEST_MESSAGE = 2_000;

/** Text that the tape can hold, whatever was thrown: anything can be, even what cannot be made text. */
function messageOf(thrown: unknown): string {
  let text: string;
  try {
    text = String(thrown instanceof Error ? thrown.message : thrown);
  } catch {
    text = "something was thrown that has no text";
  }
  const short = text.length > LONGEST_MESSAGE ? `${text.slice(0, LONGEST_MESSAGE)}…` : text;
  return short.replaceAll("\0", "\ufffd").replaceAll(/\p{Surrogate}/gu, "\ufffd");
}

/** What the runner reads of the account; implemented by the engine. */
export interface AccountReader {
  position(instrument: number): PositionView;
  openOrders(instrument: number | null): readonly OpenOrderView[];
  /** Instrument of an open order, or null when no open order has the id. */
  instrumentOf(orderId: string): number | null;
  readonly cash: number;
  readonly equity: number;
}

/** A wish that a handler made. Signals carry everything but the counters that the engine assigns. */
export type Wish =
  | {
      readonly kind: "signal";
      readonly instrument: number;
      /** Whoever takes the wish fills in `sequence` and `strategy`. */
      readonly signal: SignalDraft;
    }
  | { readonly kind: "modify"; readonly change: OrderModifyRequested }
  | { readonly kind: "cancel"; readonly order_id: string };

/** One instrument's indicators, ascending by the names the strategy gave them. */
interface IndicatorSet {
  readonly names: readonly string[];
  readonly all: readonly Indicator[];
  readonly byName: { readonly [name: string]: IndicatorReading };
}

export interface RunnerParts {
  readonly definition: AnyStrategy;
  readonly params: { readonly [name: string]: Json };
  /** Per instrument, like `calendars`. */
  readonly units: readonly Units[];
  readonly calendars: readonly Calendar[];
  readonly account: AccountReader;
}

export class StrategyRunner {
  /** Wishes of the handler that ran last; the engine takes them and empties the list. */
  readonly wishes: Wish[] = [];
  /** Slices to deliver before handlers run. */
  readonly warmup: number;
  readonly #definition: AnyStrategy;
  readonly #units: readonly Units[];
  readonly #calendars: readonly Calendar[];
  readonly #symbols: ReadonlyMap<string, number>;
  readonly #indicators: readonly IndicatorSet[];
  readonly #context: Context<ParamSchemas, unknown, Record<string, IndicatorFactory>>;
  readonly #state: unknown;
  #ts: UtcMillis = 0;
  #instrument: number | null = null;
  #signals = 0;
  /** Bar time that {@link #signalsAtOnce} counts for. */
  #countedTs: UtcMillis = Number.NaN;
  #signalsAtOnce = 0;

  constructor({ definition, params, units, calendars, account }: RunnerParts) {
    this.#definition = definition;
    this.#units = units;
    this.#calendars = calendars;
    this.#symbols = new Map(units.map((u, i) => [u.symbol, i]));
    // Values were checked against the schemas by whoever resolved the config.
    const values = frozenCopy(params) as ParamValues<ParamSchemas>;
    this.warmup = guarded("state", null, () => definition.warmup?.(values) ?? 0);
    this.#state = guarded("state", null, () => definition.state?.(values) ?? {});
    this.#indicators = units.map(() => {
      const factories = guarded("indicators", null, () => definition.indicators?.(values) ?? {});
      const names = Object.keys(factories).sort();
      const all = guarded("indicators", null, () => names.map((n) => (factories[n] as IndicatorFactory).create()));
      const byName: Record<string, IndicatorReading> = {};
      names.forEach((n, i) => {
        byName[n] = new Reading(all[i] as Indicator);
      });
      return { names, all, byName: Object.freeze(byName) };
    });
    this.#context = this.#makeContext(values, account);
  }

  /** Updates the instrument's indicators with its newest bar. A strategy may bring indicators of its own, which may throw. */
  observe(instrument: number, bar: Bar): void {
    const { all } = this.#indicators[instrument] as IndicatorSet;
    try {
      for (let i = 0; i < all.length; i++) (all[i] as Indicator).update(bar);
    } catch (error) {
      throw new StrategyFailure("STRATEGY_THREW", "indicators", bar.ts, error);
    }
  }

  get takesSlices(): boolean {
    return this.#definition.onBars !== undefined;
  }

  get hearsFills(): boolean {
    return this.#definition.onFill !== undefined;
  }

  bar(instrument: number, bar: Bar, ts: UtcMillis): void {
    const { onBar } = this.#definition;
    if (onBar === undefined) return;
    this.#ts = ts;
    this.#instrument = instrument;
    try {
      onBar(bar, this.#context);
    } catch (error) {
      throw this.#failure("onBar", error);
    }
  }

  bars(slice: BarSlice): void {
    this.#call("onBars", slice.ts, null, () => this.#definition.onBars?.(slice, this.#context));
  }

  fill(instrument: number, fill: FillView): void {
    this.#call("onFill", fill.ts, instrument, () => this.#definition.onFill?.(fill, this.#context));
  }

  session(session: SessionView, ts: UtcMillis): void {
    this.#call("onSession", ts, null, () => this.#definition.onSession?.(session, this.#context));
  }

  end(ts: UtcMillis): void {
    this.#call("onEnd", ts, null, () => this.#definition.onEnd?.(this.#context));
  }

  /** Canonical-ready picture of the strategy's state and of every indicator. */
  snapshot(): JsonObject {
    const indicators: Record<string, Json> = {};
    this.#indicators.forEach((set, i) => {
      const bySymbol: Record<string, Json> = {};
      set.names.forEach((name, n) => {
        bySymbol[name] = (set.all[n] as Indicator).save();
      });
      indicators[(this.#units[i] as Units).symbol] = bySymbol;
    });
    // Whether the state is plain JSON is checked where it is made canonical.
    return { indicators, state: this.#state as Json };
  }

  #call(handler: Handler, ts: UtcMillis, instrument: number | null, run: () => void): void {
    this.#ts = ts;
    this.#instrument = instrument;
    try {
      run();
    } catch (error) {
      throw this.#failure(handler, error);
    }
  }

  #failure(handler: Handler, error: unknown): StrategyFailure {
    this.wishes.length = 0;
    return new StrategyFailure(error instanceof BadOrder ? "BAD_ORDER" : "STRATEGY_THREW", handler, this.#ts, error);
  }

  #makeContext(
    params: ParamValues<ParamSchemas>,
    account: AccountReader,
  ): Context<ParamSchemas, unknown, Record<string, IndicatorFactory>> {
    const runner = this;
    const accountView = {
      get cash(): number {
        return account.cash;
      },
      get equity(): number {
        return account.equity;
      },
    };
    return Object.freeze({
      params,
      state: this.#state,
      get ts(): UtcMillis {
        return runner.#ts;
      },
      account: Object.freeze(accountView),
      indicators: (symbol?: string) => (runner.#indicators[runner.#resolve(symbol)] as IndicatorSet).byName,
      position: (symbol?: string) => account.position(runner.#resolve(symbol)),
      openOrders: (symbol?: string) => account.openOrders(symbol === undefined ? null : runner.#resolve(symbol)),
      enterLong: (options?: SignalOptions) => runner.#wish("enter_long", options),
      exitLong: (options?: SignalOptions) => runner.#wish("exit_long", options),
      enterShort: (options?: SignalOptions) => runner.#wish("enter_short", options),
      exitShort: (options?: SignalOptions) => runner.#wish("exit_short", options),
      hold: (options?: SignalOptions) => runner.#wish("hold", options),
      targetPercent: (percent: number | string, options: SignalOptions = {}) => runner.#target(percent, options),
      modify: (orderId: string, terms: ModifyOptions) => runner.#modify(orderId, terms, account),
      cancel: (orderId: string) => {
        runner.wishes.push({ kind: "cancel", order_id: orderId });
      },
    });
  }

  /** The instrument a call is about: the one named, the one in hand, or the only one there is. */
  #resolve(symbol: string | undefined): number {
    if (symbol === undefined) {
      if (this.#instrument !== null) return this.#instrument;
      if (this.#units.length === 1) return 0;
      throw new BadOrder("name the symbol: this handler is not about one instrument");
    }
    const index = this.#symbols.get(symbol);
    if (index === undefined) throw new BadOrder(`unknown symbol "${symbol}"; this run has ${[...this.#symbols.keys()].join(", ")}`);
    return index;
  }

  /** A handler that answers every fill with a new order would otherwise never let the bar end. */
  #countSignal(): void {
    if (this.#countedTs !== this.#ts) {
      this.#countedTs = this.#ts;
      this.#signalsAtOnce = 0;
    }
    this.#signalsAtOnce += 1;
    const limit = MAX_SIGNALS_AT_ONCE * this.#units.length;
    if (this.#signalsAtOnce > limit) throw new BadOrder(`more than ${limit} signals at one bar time: do its fills answer each other?`);
  }

  #wish(action: SignalAction, options: SignalOptions | undefined): string {
    const instrument = this.#resolve(options?.symbol);
    const draft = this.#draft(instrument, action);
    if (options !== undefined) exactTerms(draft, options, this.#termsOf(instrument));
    return this.#emit(instrument, draft);
  }

  #target(percent: number | string, options: SignalOptions): string {
    const instrument = this.#resolve(options.symbol);
    const draft = this.#draft(instrument, "target");
    exactTarget(draft, percent, options);
    return this.#emit(instrument, draft);
  }

  #draft(instrument: number, action: SignalAction): SignalDraft {
    return signalDraft((this.#units[instrument] as Units).symbol, action, this.#ts);
  }

  #emit(instrument: number, signal: SignalDraft): string {
    this.#countSignal();
    this.#signals += 1;
    signal.signal_id = `S${this.#signals}`;
    this.wishes.push({ kind: "signal", instrument, signal });
    return signal.signal_id;
  }

  #modify(orderId: string, terms: ModifyOptions, account: AccountReader): void {
    this.#countSignal();
    // An order that is gone has no units any more: its change is recorded as declined, whatever it says.
    const instrument = account.instrumentOf(orderId);
    const change = instrument === null ? { order_id: orderId } : exactChange(orderId, terms, this.#termsOf(instrument));
    this.wishes.push({ kind: "modify", change });
  }

  #termsOf(instrument: number): { readonly units: Units; readonly calendar: Calendar } {
    return { units: this.#units[instrument] as Units, calendar: this.#calendars[instrument] as Calendar };
  }
}

/** Parameters reach the engine's thread as plain copies; a handler that wrote to them would keep state that nothing hashes. */
function frozenCopy(value: Json): Json {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return Object.freeze(value.map(frozenCopy));
  return Object.freeze(Object.fromEntries(Object.entries(value).map(([key, part]) => [key, frozenCopy(part)])));
}

function guarded<T>(handler: Handler, ts: UtcMillis | null, run: () => T): T {
  try {
    return run();
  } catch (error) {
    throw new StrategyFailure("STRATEGY_THREW", handler, ts, error);
  }
}

/** A reading without the means to change the indicator behind it. */
class Reading implements IndicatorReading {
  readonly #indicator: Indicator;
  /** A property of its own, so that a strategy may take it off its reading. */
  readonly output: (name: string) => number;

  constructor(indicator: Indicator) {
    this.#indicator = indicator;
    this.output = (name) => indicator.output(name);
    Object.freeze(this);
  }

  get value(): number {
    return this.#indicator.value;
  }

  get ready(): boolean {
    return this.#indicator.ready;
  }

  /** Getters of a class are not seen by JSON: a reading inside a payload or a reason says what it reads. */
  toJSON(): { readonly value: number; readonly ready: boolean } {
    return { value: this.value, ready: this.ready };
  }
}

// A handler that replaced a getter would change what the next one sees.
Object.freeze(Reading.prototype);
