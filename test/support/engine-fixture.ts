import { sha256, sha256Bytes } from "../../src/adapters/node-hash/sha256.js";
import { Engine } from "../../src/core/engine/engine.js";
import type { EngineInstrument, EngineSpec } from "../../src/core/engine/engine-spec.js";
import { DEFAULT_EXECUTION, DEFAULT_SIZING, type RunConfig, type RunInputs, type SizingMode } from "../../src/core/engine/run-config.js";
import { runCatalogue } from "../../src/core/engine/run-event-schemas.js";
import type { RunEvent, RunEventType, RunPayloads } from "../../src/core/engine/run-events.js";
import type { RiskPolicy } from "../../src/core/gate/policy.js";
import type { BarColumns, SessionRange } from "../../src/core/market/bars.js";
import { calendarById } from "../../src/core/market/calendars/registry.js";
import { rowRangeSha256, sessionRanges } from "../../src/core/market/column-set.js";
import type { Instrument } from "../../src/core/market/instrument.js";
import type { FxQuote, FxTerms } from "../../src/core/money/fx-set.js";
import { fxText } from "../../src/core/money/fx-text.js";
import type { AnyStrategy, StrategyDefinition, StrategyMeta } from "../../src/core/strategy/strategy.js";
import type { Json, JsonObject } from "../../src/core/tape/event.js";
import { MemoryTapeWriter } from "../../src/core/tape/memory-tape-writer.js";
import type { TapeWriter } from "../../src/ports/tape-writer.js";
import { driveBacktest } from "../../src/usecases/drive-backtest.js";
import { type BarTuple, barColumns } from "./bar-columns.js";

/** Midnight UTC of 2024-01-02, a Tuesday on which New York trades. */
export const DAY_START = 1_704_153_600_000;
export const MINUTE = 60_000;

/** A bar by hand: close time in minutes after {@link DAY_START}, then open, high, low, close as decimal text or numbers with at most two decimals. */
export type HandBar = readonly [minute: number, open: number, high: number, low: number, close: number];

/** Close time of minute `n` after {@link DAY_START}. */
export function at(minute: number): number {
  return DAY_START + minute * MINUTE;
}

/** Columns at price scale 2 from bars by hand. */
export function columnsOf(symbol: string, bars: readonly HandBar[], more: Partial<BarColumns> = {}): BarColumns {
  const cents = (price: number): number => Math.round(price * 100);
  const tuples = bars.map(([m, o, h, l, c]): BarTuple => [at(m), cents(o), cents(h), cents(l), cents(c), 1]);
  return barColumns(tuples, { symbol, ...more });
}

/** Bars that open, stay and close at one price each, one per minute from `first`. */
export function flatMinutes(prices: readonly number[], first = 1): readonly HandBar[] {
  return prices.map((p, i) => [first + i, p, p, p, p]);
}

export interface FixtureInstrument {
  readonly columns: BarColumns;
  readonly instrument?: Partial<Instrument>;
  /** Replaces the ranges that the calendar gives. */
  readonly sessions?: readonly SessionRange[];
  /** Bars of bid and ask, which orders then fill at. */
  readonly quotes?: EngineInstrument["quotes"];
}

/** Handlers and factories of a strategy whose state is untyped; the rest of a definition is filled in. */
export type Handlers = Partial<Omit<AnyStrategy, "meta" | "params">> & { readonly meta?: Partial<StrategyMeta> };

export interface FixtureRun {
  readonly instruments: readonly FixtureInstrument[];
  readonly strategy: Handlers;
  readonly params?: { readonly [name: string]: Json };
  /** Of the account. Default: USD. */
  readonly currency?: string;
  readonly cash?: string;
  readonly scale?: number;
  readonly execution?: Partial<RunConfig["execution"]>;
  readonly sizing?: SizingMode & { readonly cash_buffer_pct?: string; readonly drift_band_pct?: string };
  readonly on_end?: RunConfig["on_end"];
  readonly financing?: RunConfig["financing"];
  /** Factor files by symbol. */
  readonly factors?: { readonly [symbol: string]: string };
  readonly fx?: { readonly terms: FxTerms; readonly quotes: readonly FxQuote[] };
  readonly forbid_flips?: true;
  readonly risk?: RiskPolicy;
}

/** An accepted event with its payload read. */
export type PlainEvent = {
  [T in RunEventType]: {
    readonly type: T;
    readonly position: number;
    readonly command: string;
    readonly index_in_command: number;
    readonly stream: string;
    readonly version: number;
    readonly occurred_at: number;
    readonly cause: number;
    readonly payload: RunPayloads[T];
  };
}[RunEventType];

export interface FixtureResult {
  readonly engine: Engine;
  readonly events: readonly PlainEvent[];
}

/** An engine over bars by hand; cash 100000.00 USD, fixed size 1, no costs, next open, unless told otherwise. */
export function engineOf(run: FixtureRun): Engine {
  return new Engine(specOf(run));
}

/** What {@link engineOf} makes its engine of. */
export function specOf(run: FixtureRun): EngineSpec {
  const parts = run.instruments.map(({ columns, instrument, sessions, quotes }) => {
    const full: Instrument = {
      symbol: columns.symbol,
      asset_class: "equity",
      currency: "USD",
      price_tick: "0.01",
      lot_step: "1",
      min_qty: "1",
      multiplier: "1",
      calendar: "24/7",
      settlement: "cash",
      guessed: [],
      ...instrument,
    };
    return { columns, instrument: full, sessions, quotes };
  });
  const strategy = strategyOf(
    run.strategy,
    parts.map((p) => p.columns.symbol),
  );
  const instruments = parts.map(({ columns, instrument, sessions: given, quotes }): EngineInstrument => {
    const sessions = given ?? sessionRanges(columns, calendarById(instrument.calendar), strategy.meta.session);
    const session_sha256 = sessions.map((s) => rowRangeSha256(columns, s.first_row, s.row_count, sha256Bytes));
    return { columns, sessions, session_sha256, ...(quotes === undefined ? {} : { quotes }) };
  });
  const hash = "a".repeat(64);
  const config: RunConfig = {
    strategy: { name: strategy.meta.name, version: strategy.meta.version, params: run.params ?? {} },
    timeframe: "1m",
    data: parts.map(({ columns }) => ({
      symbol: columns.symbol,
      timeframe: columns.timeframe,
      price_mode: columns.price_mode,
      basis: columns.basis,
      column_set: hash,
      first_row: 0,
      row_count: columns.rows,
    })),
    instruments: parts.map((p) => p.instrument),
    account: { currency: run.currency ?? "USD", cash: run.cash ?? "100000", scale: run.scale ?? 2 },
    execution: { ...DEFAULT_EXECUTION, ...run.execution },
    sizing: { ...DEFAULT_SIZING, ...run.sizing },
    on_end: run.on_end ?? "keep",
    research: false,
    periods_per_year: 252,
    ...accountFields(run),
  };
  return {
    started: {
      strategy: { name: strategy.meta.name, version: strategy.meta.version, source_sha256: hash },
      config: JSON.parse(JSON.stringify(config)) as JsonObject,
      config_sha256: hash,
      instruments: config.instruments.map((i) => JSON.parse(JSON.stringify(i)) as JsonObject),
      data: parts.map(({ columns }) => ({
        symbol: columns.symbol,
        column_set: hash,
        timeframe: columns.timeframe,
        price_mode: columns.price_mode,
        rows: columns.rows,
        first_ts: columns.ts[0] ?? 0,
        last_ts: columns.ts[columns.rows - 1] ?? 0,
      })),
    },
    config,
    strategy,
    instruments,
    hash: sha256,
    inputs: inputsOf(run),
    check_every: 1,
  };
}

/** Texts that the config of a fixture names. */
function textsOf(run: FixtureRun): {
  readonly factors: readonly (readonly [symbol: string, text: string])[];
  readonly rates: string | null;
} {
  return {
    factors: Object.entries(run.factors ?? {}),
    rates: run.fx === undefined ? null : fxText(run.fx.terms, run.fx.quotes),
  };
}

export function inputsOf(run: FixtureRun): RunInputs {
  const { factors, rates } = textsOf(run);
  const texts = [...factors.map(([, text]) => text), ...(rates === null ? [] : [rates])];
  return Object.fromEntries(texts.map((text) => [sha256(text), text]));
}

function accountFields(run: FixtureRun): Partial<RunConfig> {
  const { factors, rates } = textsOf(run);
  return {
    ...(run.financing === undefined ? {} : { financing: run.financing }),
    ...(factors.length === 0 ? {} : { corporate_actions: factors.map(([symbol, text]) => ({ symbol, factors_sha256: sha256(text) })) }),
    ...(run.fx === undefined || rates === null ? {} : { fx: { ...run.fx.terms, rates_sha256: sha256(rates) } }),
    ...(run.forbid_flips === undefined ? {} : { forbid_flips: run.forbid_flips }),
    ...(run.risk === undefined ? {} : { risk: run.risk }),
  };
}

/** Runs an engine over a memory tape to its end. */
export function runEngine(run: FixtureRun): FixtureResult {
  const tape = new MemoryTapeWriter(runCatalogue);
  const engine = driveOver(run, tape);
  return { engine, events: plainEvents(tape) };
}

/** Runs an engine over a tape of the caller's. */
export function driveOver(run: FixtureRun, tape: TapeWriter): Engine {
  const engine = engineOf(run);
  driveBacktest(engine, tape);
  return engine;
}

/** What a memory tape holds, with payloads read back from their canonical bytes. */
export function plainEvents(tape: MemoryTapeWriter): readonly PlainEvent[] {
  // The tape encodes by schema, so type and payload belong together.
  return tape.events().map((e) => ({ ...e, payload: JSON.parse(e.payload) }) as PlainEvent);
}

/** Events of one type. */
export function ofType<T extends RunEventType>(events: readonly PlainEvent[], type: T): readonly Extract<PlainEvent, { type: T }>[] {
  return events.filter((e): e is Extract<PlainEvent, { type: T }> => e.type === type);
}

/** Events about trading alone: no run, bars or session events. */
export function tradingEvents(events: readonly PlainEvent[]): readonly PlainEvent[] {
  return events.filter((e) => !/^(run|bars|session)\./.test(e.type));
}

/** The part of an event that states fold. */
export function foldable({ type, occurred_at, payload }: PlainEvent): RunEvent {
  return { type, occurred_at, payload } as RunEvent;
}

/** `minute type` per trading event, for comparing a whole run at a glance. */
export function outline(events: readonly PlainEvent[]): readonly string[] {
  return tradingEvents(events).map((e) => `${(e.occurred_at - DAY_START) / MINUTE} ${e.type}`);
}

/** A strategy from handlers alone. */
export function strategyOf(handlers: Handlers, universe: readonly string[]): AnyStrategy {
  const { meta, ...rest } = handlers;
  const definition: StrategyDefinition<Record<never, never>, unknown> = {
    meta: { name: "hand", version: "1.0.0", universe, timeframe: "1m", required_fields: ["close"], session: "regular", ...meta },
    params: {},
    ...rest,
  };
  return definition;
}

/** Runs one action per listed minute of a one-symbol run: `{ 3: (ctx) => ctx.enterLong() }`. */
export function onMinutes(actions: {
  readonly [minute: number]: (ctx: Parameters<NonNullable<AnyStrategy["onBar"]>>[1]) => void;
}): NonNullable<AnyStrategy["onBar"]> {
  return (bar, ctx) => actions[(bar.ts - DAY_START) / MINUTE]?.(ctx);
}
