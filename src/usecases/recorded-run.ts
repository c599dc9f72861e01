/** A stored run as what can run again: strategy, config and bars by hash from what the run keeps, never from the author's files. */
import type { EngineInstrument } from "../core/engine/engine-spec.js";
import { inputHashes, type RunConfig, type RunInputs } from "../core/engine/run-config.js";
import type { RunStarted } from "../core/engine/run-events.js";
import { limitRows } from "../core/engine/run-rows.js";
import { TradingState } from "../core/engine/trading-state.js";
import type { BarColumns, SessionRange } from "../core/market/bars.js";
import { calendarById } from "../core/market/calendars/registry.js";
import { sessionRanges } from "../core/market/column-set.js";
import { type QuoteSet, quotesAt } from "../core/market/quote-set.js";
import { bigOf } from "../core/money/decimal.js";
import { unitsOf } from "../core/money/units.js";
import { positionedEvent } from "../core/projections/positioned-event.js";
import type { TapeEvent } from "../core/tape/event.js";
import type { LogSession } from "../ports/event-store.js";
import type { StoredRun } from "../ports/run-store.js";
import type { BacktestPorts } from "./backtest-ports.js";
import { taskInstrument } from "./prepare-run.js";
import { identityFault, runStartedOf } from "./run-identity.js";

export type RecordedRun =
  | {
      readonly kind: "usable";
      /** Made again from config and bars rather than taken from the tape, so that the first event is proved like every other. */
      readonly started: RunStarted;
      readonly config: RunConfig;
      readonly bundle: string;
      readonly instruments: readonly EngineInstrument[];
      readonly inputs: RunInputs;
    }
  | { readonly kind: "unusable"; readonly message: string; readonly position?: number };

/** Gathers what a run needs to be run again, and checks that manifest, tape and kept inputs belong together. */
export async function recordedRun(
  ports: Pick<BacktestPorts, "runs" | "strategies" | "bars" | "hash" | "hashBytes">,
  run: StoredRun,
  session: Pick<LogSession, "readLog">,
): Promise<RecordedRun> {
  const unusable = (message: string, position?: number): RecordedRun => ({
    kind: "unusable",
    message,
    ...(position === undefined ? {} : { position }),
  });
  const recorded = await recordedStart(session);
  if (recorded === null) return unusable("the tape does not begin with run.started", 1);
  const config = configOf(recorded);
  const contradiction = identityFault(run.manifest, recorded, ports.hash);
  if (contradiction !== null) return unusable(contradiction, 1);
  const bundle = await ports.runs.input(run, run.manifest.strategy.bundle_sha256);
  if (bundle === null) return unusable("the run's own copy of the strategy is missing or altered");
  const instruments = await storedInstruments(ports, config, bundle);
  if (typeof instruments === "string") return unusable(instruments);
  const inputs = await keptInputs(ports, run, config);
  if (typeof inputs === "string") return unusable(inputs);
  const started = runStartedOf(config, recorded.strategy.source_sha256, instruments, ports.hash);
  return { kind: "usable", started, config, bundle, instruments, inputs };
}

/** The texts that a run's config names by hash, or which of them is missing. */
export function keptInputs(ports: Pick<BacktestPorts, "runs">, run: StoredRun, config: RunConfig): Promise<RunInputs | string> {
  return namedInputs(config, (hash) => ports.runs.input(run, hash));
}

/** The texts that a config names by hash, from where they are kept, or which of them is missing. */
export async function namedInputs(config: RunConfig, kept: (sha256: string) => Promise<string | null>): Promise<RunInputs | string> {
  const inputs: Record<string, string> = {};
  for (const hash of inputHashes(config)) {
    const text = await kept(hash);
    if (text === null) return `the own copy of the input ${hash.slice(0, 12)} is missing or altered`;
    inputs[hash] = text;
  }
  return inputs;
}

/** The first event of a run's tape, or null where it is none of a run. */
export async function recordedStart(session: Pick<LogSession, "readLog">): Promise<RunStarted | null> {
  const first = await firstEvent(session);
  if (first === null || first.type !== "run.started") return null;
  const event = positionedEvent(first);
  return event.type === "run.started" ? event.payload : null;
}

/** The config as the tape keeps it: written from a `RunConfig` by this product and covered by the chain. */
export function configOf({ config }: Pick<RunStarted, "config">): RunConfig {
  return config as unknown as RunConfig;
}

/**
 * The trading state with which a run begins, or null where its bars are missing and `withoutBars` does not say at which scale to keep
 * prices instead. A larger scale than the bars' own changes no balance: prices are exact at either.
 */
export async function openTradingState(
  ports: Pick<BacktestPorts, "bars">,
  started: RunStarted,
  withoutBars: number | null = null,
): Promise<TradingState | null> {
  const config = configOf(started);
  const scales: number[] = [];
  for (const data of config.data) {
    const scale = (await ports.bars.load(data.column_set, data.basis))?.price_scale ?? withoutBars;
    if (scale === null) return null;
    scales.push(scale);
  }
  const { cash, scale } = config.account;
  return new TradingState(
    config.instruments.map((instrument, i) => unitsOf(instrument, scales[i] ?? 0, scale)),
    bigOf(cash, scale),
    scale,
  );
}

/** The bars that a stored config names, with the sessions that it delivered; or why they cannot be had. */
export async function storedInstruments(
  ports: Pick<BacktestPorts, "strategies" | "bars" | "hashBytes">,
  config: RunConfig,
  bundle: string,
): Promise<readonly EngineInstrument[] | string> {
  const { session } = ports.strategies.revive(bundle).meta;
  const loaded: { columns: BarColumns; sessions: readonly SessionRange[]; quotes: QuoteSet | null }[] = [];
  for (const [i, data] of config.data.entries()) {
    const columns = await ports.bars.load(data.column_set, data.basis);
    if (columns === null)
      return `the bars of ${data.symbol} (column set ${data.column_set.slice(0, 12)}) are missing from the workspace or altered`;
    const quotes = await quotesOf(ports, data, columns);
    if (typeof quotes === "string") return quotes;
    const calendar = calendarById(config.instruments[i]?.calendar ?? "");
    loaded.push({ columns, sessions: deliveredSessions(columns, sessionRanges(columns, calendar, session), data), quotes });
  }
  return loaded.map(({ columns, sessions, quotes }) => taskInstrument(ports, columns, sessions, quotes));
}

/** The quotes that a run filled at, null where it had none, or what keeps them from being used. */
async function quotesOf(
  ports: Pick<BacktestPorts, "bars">,
  { symbol, bid_column_set, ask_column_set }: RunConfig["data"][number],
  { price_scale }: BarColumns,
): Promise<QuoteSet | null | string> {
  if (bid_column_set === undefined || ask_column_set === undefined) return null;
  const [bid, ask] = await Promise.all([ports.bars.load(bid_column_set, "bid"), ports.bars.load(ask_column_set, "ask")]);
  if (bid === null || ask === null) return `the quotes of ${symbol} are missing from the workspace or altered`;
  return quotesAt(bid, ask, price_scale) ?? `the quotes of ${symbol} do not fit the scale of its bars`;
}

/** The sessions of the rows that the run delivered. */
function deliveredSessions(
  columns: BarColumns,
  sessions: readonly SessionRange[],
  { first_row, row_count }: RunConfig["data"][number],
): readonly SessionRange[] {
  if (row_count === 0) return [];
  const from = columns.ts[first_row] ?? null;
  const to = columns.ts[first_row + row_count - 1] ?? null;
  return limitRows([{ columns, sessions }], { from, to, max_bars: null })[0] ?? [];
}

async function firstEvent(session: Pick<LogSession, "readLog">): Promise<TapeEvent | null> {
  for await (const event of session.readLog({ limit: 1 })) return event;
  return null;
}
