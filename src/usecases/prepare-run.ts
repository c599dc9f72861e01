/** From what an author wrote to what an engine runs: strategy, data and config resolved, checked against each other, identified. */
import type { EngineInstrument } from "../core/engine/engine-spec.js";
import type { RunConfig, RunData, RunInputs } from "../core/engine/run-config.js";
import type { RunStarted } from "../core/engine/run-events.js";
import { runId, runLog } from "../core/engine/run-id.js";
import { limitRows } from "../core/engine/run-rows.js";
import type { BarColumns, SessionRange } from "../core/market/bars.js";
import type { Calendar } from "../core/market/calendar.js";
import { calendarById } from "../core/market/calendars/registry.js";
import { rowRangeSha256, sessionRanges } from "../core/market/column-set.js";
import type { Instrument } from "../core/market/instrument.js";
import { type QuoteSet, quotesAt } from "../core/market/quote-set.js";
import type { Violation } from "../core/quality/violation.js";
import type { ParamSchemas } from "../core/strategy/params.js";
import { type ResolvedParams, resolveParams } from "../core/strategy/resolve-params.js";
import type { Json } from "../core/tape/event.js";
import type { BarsFound, BarsWanted } from "../ports/bar-library.js";
import type { BacktestConfig, DataChoice } from "../ports/config-source.js";
import type { EngineTask } from "../ports/engine-host.js";
import type { LoadedStrategy } from "../ports/strategy-source.js";
import { factorFaults, rateFaults } from "./account-faults.js";
import type { BacktestPorts } from "./backtest-ports.js";
import { withCaptures } from "./replayed-sets.js";
import { dataFaults, type Located, noBars, placed, tradedInstruments, universeFaults, volumeFaults } from "./run-faults.js";
import { configText, runStartedOf } from "./run-identity.js";
import { strategyOf } from "./strategy-of.js";
import { findBenchmark, splitFaults, yardsticksOf } from "./yardsticks.js";

/** A run that is ready to start. */
export interface PreparedRun {
  readonly run_id: string;
  readonly log: string;
  readonly config: RunConfig;
  readonly config_text: string;
  readonly config_sha256: string;
  readonly strategy: LoadedStrategy;
  readonly task: EngineTask & { readonly started: RunStarted };
  readonly time_budget_ms: number;
  /** Bars that will be delivered. */
  readonly total_bars: number;
  readonly captures: readonly { readonly symbol: string; readonly capture_id: string; readonly synthetic: boolean }[];
}

export type Preparation =
  | { readonly kind: "ready"; readonly run: PreparedRun }
  | { readonly kind: "invalid"; readonly violations: readonly Violation[] };

/** The part of the world that preparing a run needs. */
export type PreparePorts = Pick<BacktestPorts, "configs" | "strategies" | "bars" | "hash" | "hashBytes" | "engine">;

export interface PrepareOptions {
  readonly append?: "block" | "strict" | undefined;
  readonly tape?: boolean | undefined;
  /** Told once for each thing that a policy's file says and no run heeds. */
  readonly onNote?: ((note: string) => void) | undefined;
  /** Captures to use in place of the sets that the config names; see {@link withCaptures}. */
  readonly captures?: readonly string[] | undefined;
  /** False leaves out what statistics are judged by: for a session, which has none. Default true. */
  readonly judged?: boolean | undefined;
  /** Decides the parameters. Default: the config's over the strategy's defaults. A fault whose field is no JSON pointer keeps it. */
  readonly params?: ((schemas: ParamSchemas, config: BacktestConfig) => ResolvedParams<ParamSchemas>) | undefined;
}

/** Resolves and checks everything that a run needs; reports every fault that can be found at once. */
export async function prepareRun(ports: PreparePorts, configPath: string, options: PrepareOptions = {}): Promise<Preparation> {
  const loaded = await ports.configs.load(configPath);
  if (loaded.kind === "invalid") return loaded;
  const { config: named, violations: unnamed } = withCaptures(loaded.config, options.captures ?? []);
  const config = options.judged === false ? { ...named, benchmark: null, trials: null, out_of_sample_from: null } : named;
  if (unnamed.length > 0) return { kind: "invalid", violations: unnamed };
  for (const note of config.risk?.notes ?? []) options.onNote?.(note);
  // Reading a strategy mostly waits for the compiler's process.
  const [strategy, found] = await Promise.all([strategyOf(ports.strategies, config), findBars(ports, config, loaded)]);
  // Behind the run's own bars: those may be imported only now, and be its benchmark.
  const benchmark = await findBenchmark(ports.bars, config, loaded);
  const traded = tradedInstruments(loaded, found.bars);
  if (strategy.kind === "refused")
    return { kind: "invalid", violations: [...strategy.violations, ...found.violations, ...benchmark.violations] };
  const { definition } = strategy.strategy;
  const choices = ports.configs.resolve(config, definition.defaults);
  const params = options.params?.(definition.params, config) ?? resolveParams(definition.params, config.params);
  const violations = [
    ...found.violations,
    ...benchmark.violations,
    ...(choices.kind === "invalid" ? choices.violations : []),
    ...(choices.kind === "invalid" ? [] : volumeFaults(choices.execution, found.bars, loaded)),
    ...(params.kind === "invalid" ? params.violations.map((v) => placed(v, loaded, v.field ?? "/params")) : []),
    ...universeFaults(strategy.strategy, loaded),
    ...traded.violations,
    ...found.bars.flatMap((bars) => dataFaults(strategy.strategy, traded.instruments, bars, loaded)),
  ];
  if (violations.length > 0 || choices.kind === "invalid" || params.kind === "invalid") return { kind: "invalid", violations };

  const instruments = sessionsOf(traded.instruments, strategy.strategy, found.bars);
  if (instruments.kind === "invalid") return instruments;
  const ranges = limitRows(instruments.instruments, config);
  const total = ranges.flat().reduce((sum, r) => sum + r.row_count, 0);
  if (total === 0) return { kind: "invalid", violations: [noBars(loaded)] };
  const delivered = found.bars.map(({ columns }, i) => ({ columns, sessions: ranges[i] ?? [] }));
  const unserved = [
    ...factorFaults(loaded, traded.instruments, delivered),
    ...rateFaults(loaded, traded.instruments, delivered),
    ...(config.out_of_sample_from === null ? [] : splitFaults(loaded, delivered)),
  ];
  if (unserved.length > 0) return { kind: "invalid", violations: unserved };
  const yardsticks = yardsticksOf(config, benchmark.bars, delivered, ports.hash);

  const run: RunConfig = {
    strategy: { name: definition.meta.name, version: definition.meta.version, params: params.values },
    timeframe: config.timeframe,
    data: found.bars.map((bars, i): RunData => ({ ...dataIdentity(config, bars, found.quotes[i] ?? null), ...extent(ranges[i] ?? []) })),
    instruments: traded.instruments,
    account: config.account,
    execution: choices.execution,
    sizing: choices.sizing,
    on_end: config.on_end,
    research: config.timeframe !== "1m",
    periods_per_year: periodsPerYear(traded.instruments),
    ...accountTerms(config, ports.hash),
    ...yardsticks.terms,
  };
  const ready = assemble(ports, config, options, strategy.strategy, run, found, ranges, total);
  const inputs = { ...ready.task.inputs, ...Object.fromEntries(yardsticks.inputs.map((text) => [ports.hash(text), text])) };
  return { kind: "ready", run: { ...ready, task: { ...ready.task, inputs } } };
}

function assemble(
  ports: PreparePorts,
  config: BacktestConfig,
  options: PrepareOptions,
  strategy: LoadedStrategy,
  run: RunConfig,
  { bars, quotes }: FoundBars,
  ranges: readonly (readonly SessionRange[])[],
  total: number,
): PreparedRun {
  const delivered = bars.map(({ columns }, i) => ({ columns, sessions: ranges[i] ?? [], quotes: quotes[i]?.columns ?? null }));
  const { started, ...named } = nameRun(ports, run, strategy.source_sha256, delivered);
  return {
    ...named,
    strategy,
    time_budget_ms: config.time_budget_ms,
    total_bars: total,
    captures: bars
      .flatMap((b, i) => [b, ...(quotes[i]?.sides ?? [])])
      .map((b) => ({ symbol: b.columns.symbol, capture_id: b.capture_id, synthetic: b.synthetic })),
    task: {
      started,
      config: run,
      bundle: strategy.bundle,
      append: options.append ?? config.append,
      tape: options.tape ?? true,
      instruments: delivered.map(({ columns, sessions, quotes }) => taskInstrument(ports, columns, sessions, quotes)),
      inputs: keptTexts(config, ports.hash),
    },
  };
}

/** The texts that the config names by hash. */
function keptTexts({ corporate_actions, fx }: BacktestConfig, hash: BacktestPorts["hash"]): RunInputs {
  const texts = [...corporate_actions.map(({ text }) => text), ...(fx === null ? [] : [fx.text])];
  return Object.fromEntries(texts.map((text) => [hash(text), text]));
}

/** What a run says of financing, factors, rates and risk; nothing where it has none. */
function accountTerms(
  { financing, corporate_actions, fx, forbid_flips, risk }: BacktestConfig,
  hash: BacktestPorts["hash"],
): Pick<RunConfig, "financing" | "corporate_actions" | "fx" | "forbid_flips" | "risk"> {
  return {
    ...(financing === null ? {} : { financing }),
    ...(corporate_actions.length === 0
      ? {}
      : { corporate_actions: corporate_actions.map(({ symbol, text }) => ({ symbol, factors_sha256: hash(text) })) }),
    ...(fx === null ? {} : { fx: { pivot: fx.pivot, max_age_ms: fx.max_age_ms, rates_sha256: hash(fx.text) } }),
    ...(forbid_flips ? { forbid_flips } : {}),
    ...(risk === null ? {} : { risk: risk.policy }),
  };
}

type NamedRun = Pick<PreparedRun, "run_id" | "log" | "config" | "config_text" | "config_sha256"> & { readonly started: RunStarted };

function nameRun(
  ports: Pick<BacktestPorts, "hash" | "engine">,
  config: RunConfig,
  source_sha256: string,
  bars: Parameters<typeof runStartedOf>[2],
): NamedRun {
  const config_text = configText(config);
  const run_id = runId({ engine_build: ports.engine.build, source_sha256, config: config_text }, ports.hash);
  const started = runStartedOf(config, source_sha256, bars, ports.hash);
  return { run_id, log: runLog(run_id), config, config_text, config_sha256: started.config_sha256, started };
}

/** The same run with other parameters, as {@link prepareRun} would prepare it. They have been checked. */
export function withParams(
  ports: Pick<BacktestPorts, "hash" | "engine">,
  run: PreparedRun,
  params: { readonly [name: string]: Json },
): PreparedRun {
  const config: RunConfig = { ...run.config, strategy: { ...run.config.strategy, params } };
  const { started, ...named } = nameRun(ports, config, run.strategy.source_sha256, run.task.instruments);
  return { ...run, ...named, task: { ...run.task, started, config } };
}

/** One instrument's bars with the hash of each session's rows, and the quotes that its orders fill at. */
export function taskInstrument(
  ports: Pick<BacktestPorts, "hashBytes">,
  columns: BarColumns,
  sessions: readonly SessionRange[],
  quotes: QuoteSet | null = null,
): EngineInstrument {
  return {
    columns,
    ...(quotes === null ? {} : { quotes }),
    sessions,
    session_sha256: sessions.map((s) => rowRangeSha256(columns, s.first_row, s.row_count, ports.hashBytes)),
  };
}

/** Bars of bid and ask, at the price scale of the bars that they go with. */
interface FoundQuotes {
  readonly columns: QuoteSet;
  /** Bid, then ask. */
  readonly sides: readonly [BarsFound, BarsFound];
}

interface FoundBars {
  readonly bars: readonly BarsFound[];
  /** Like `bars`; null where orders fill at the bars themselves. */
  readonly quotes: readonly (FoundQuotes | null)[];
  readonly violations: readonly Violation[];
}

async function findBars(ports: PreparePorts, config: BacktestConfig, loaded: Located): Promise<FoundBars> {
  const bars: BarsFound[] = [];
  const quotes: (FoundQuotes | null)[] = [];
  const violations: Violation[] = [];
  for (const [i, choice] of config.data.entries()) {
    const wanted = { ...choice, timeframe: config.timeframe };
    const result = await findOne(ports, choice, wanted);
    if (result.kind === "missing") {
      violations.push(...result.violations.map((v) => placed(v, loaded, `/data/${i}`)));
      continue;
    }
    bars.push(result.bars);
    const found = await findQuotes(ports, choice, wanted, result.bars.columns);
    if (Array.isArray(found)) violations.push(...found.map((v: Violation) => placed(v, loaded, `/data/${i}/quotes`)));
    else quotes.push(found);
  }
  return { bars, quotes, violations };
}

/** @returns violations, or the quotes, or null where the config wants none. */
async function findQuotes(
  ports: PreparePorts,
  choice: DataChoice,
  wanted: BarsWanted,
  { price_scale }: BarColumns,
): Promise<FoundQuotes | null | Violation[]> {
  if (choice.quotes === null) return null;
  const [bid, ask] = await Promise.all([
    ports.bars.find({ ...wanted, basis: "bid", set: choice.quotes.bid }),
    ports.bars.find({ ...wanted, basis: "ask", set: choice.quotes.ask }),
  ]);
  if (bid.kind === "missing" || ask.kind === "missing")
    return [bid, ask].flatMap((side) => (side.kind === "missing" ? side.violations : []));
  const columns = quotesAt(bid.bars.columns, ask.bars.columns, price_scale);
  if (columns !== null) return { columns, sides: [bid.bars, ask.bars] };
  return [
    {
      code: "QUOTE_SCALE",
      message: `the quotes of ${choice.symbol} have prices with more decimals than its bars, which have ${price_scale}`,
      expected: "quotes from the same source as the bars",
    },
  ];
}

function findOne(
  ports: PreparePorts,
  choice: DataChoice,
  wanted: Parameters<BacktestPorts["bars"]["find"]>[0],
): ReturnType<BacktestPorts["bars"]["find"]> {
  return choice.file !== null && choice.import !== null
    ? ports.bars.importFile(choice.file, wanted, choice.import)
    : ports.bars.find(wanted);
}

type Sessions =
  | {
      readonly kind: "ready";
      readonly instruments: readonly { readonly columns: BarColumns; readonly sessions: readonly SessionRange[] }[];
    }
  | { readonly kind: "invalid"; readonly violations: readonly Violation[] };

function sessionsOf(traded: readonly Instrument[], strategy: LoadedStrategy, bars: readonly BarsFound[]): Sessions {
  const violations: Violation[] = [];
  const instruments = bars.map(({ columns }) => {
    const id = traded.find((x) => x.symbol === columns.symbol)?.calendar ?? "";
    try {
      const calendar: Calendar = calendarById(id);
      return { columns, sessions: sessionRanges(columns, calendar, strategy.definition.meta.session) };
    } catch (error) {
      violations.push({
        code: "CALENDAR_UNUSABLE",
        message: `${columns.symbol}: ${error instanceof Error ? error.message : String(error)}`,
        field: "/instruments",
        value: id,
        expected: "a calendar that covers all bars",
      });
      return { columns, sessions: [] };
    }
  });
  return violations.length > 0 ? { kind: "invalid", violations } : { kind: "ready", instruments };
}

function dataIdentity(
  config: BacktestConfig,
  { columns, column_set }: BarsFound,
  quotes: FoundQuotes | null,
): Omit<RunData, "first_row" | "row_count"> {
  const { symbol, price_mode, basis } = columns;
  const own = { symbol, timeframe: config.timeframe, price_mode, basis, column_set };
  if (quotes === null) return own;
  const [bid, ask] = quotes.sides;
  return { ...own, bid_column_set: bid.column_set, ask_column_set: ask.column_set };
}

function extent(ranges: readonly SessionRange[]): Pick<RunData, "first_row" | "row_count"> {
  const first = ranges[0]?.first_row ?? 0;
  const last = ranges.at(-1);
  return { first_row: first, row_count: last === undefined ? 0 : last.first_row + last.row_count - first };
}

/** Trading days a year of the run's calendars: 365 where any of them never closes, 252 otherwise. */
function periodsPerYear(traded: readonly Instrument[]): number {
  return traded.some((i) => i.calendar === "24/7") ? 365 : 252;
}
