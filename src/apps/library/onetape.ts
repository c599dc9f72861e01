import type { StoreKind } from "../../adapters/config/workspace-settings.js";
import { sha256 } from "../../adapters/node-hash/sha256.js";
import type { QualityLadder } from "../../core/quality/ladder.js";
import { memoryCache } from "../../core/session/compute-job.js";
import type { FindRun, StoredRun } from "../../ports/run-store.js";
import type { FindSweep, StoredSweep } from "../../ports/sweep-store.js";
import { type AdjustDataOptions, type AdjustedData, adjustData } from "../../usecases/adjust-data.js";
import type { DataRefusal, DataRunOptions } from "../../usecases/data-ports.js";
import { type DeriveDataOptions, type DerivedData, deriveData } from "../../usecases/derive-data.js";
import { type DiffOutcome, diffStoredRuns } from "../../usecases/diff-stored-runs.js";
import { type ExplainOutcome, type ExplainRequest, explainRun } from "../../usecases/explain-run.js";
import { type ExportDataOptions, type ExportedData, exportData } from "../../usecases/export-data.js";
import { listRuns, type RunDetails, type RunSummary, showRun } from "../../usecases/find-run.js";
import { type GenerateDataOptions, type GeneratedData, generateData } from "../../usecases/generate-data.js";
import { type ImportOutcome, importBars } from "../../usecases/import-bars.js";
import type { ImportBarsOptions } from "../../usecases/import-options.js";
import { type DataList, listData } from "../../usecases/list-data.js";
import { type OpenPointOutcome, type OpenPointRequest, openPoint } from "../../usecases/open-point.js";
import type { PaperOutcome } from "../../usecases/paper-session.js";
import { type LookaheadOutcome, type LookaheadRequest, proveNoLookahead } from "../../usecases/prove-no-lookahead.js";
import type { QualityGate } from "../../usecases/quality-gate.js";
import { type ReadReport, readReport } from "../../usecases/read-report.js";
import { type EventFilter, type ReadEvent, readRunEvents } from "../../usecases/read-run-events.js";
import { type ReplayOutcome, type ReplayRequest, replayRun } from "../../usecases/replay-run.js";
import { type ExposureOutcome, type ExposureRequest, riskExposure } from "../../usecases/risk-exposure.js";
import {
  newRiskSession,
  type OpenedRiskSession,
  openRiskSession,
  type RiskSessionPorts,
  riskSessionNames,
} from "../../usecases/risk-session.js";
import type { NewRiskSession } from "../../usecases/risk-session-settings.js";
import { type BacktestOutcome, type BacktestRequest, runBacktest } from "../../usecases/run-backtest.js";
import { runSweep, type SweepOutcome, type SweepRequest } from "../../usecases/run-sweep.js";
import { type ShowDataOptions, type ShownData, showData } from "../../usecases/show-data.js";
import { listSweeps, type ShowSweep, type SweepListed, type SweepView, showSweep } from "../../usecases/show-sweep.js";
import { type RunVerification, type VerifyRunsRequest, verifyRuns } from "../../usecases/verify-runs.js";
import { workspaceHome, workspacePaths } from "../../usecases/workspace.js";
import { reportText } from "../../usecases/write-report.js";
import { storeOfEnvironment } from "./event-stores.js";
import { type PaperOptions, runPaper } from "./paper-sessions.js";
import { reportPorts } from "./reporting.js";
import { sweepPorts } from "./sweeping.js";
import { openWorkspacePorts } from "./workspace.js";

/** Results of risk sessions that are kept in memory. */
const KEPT_RESULTS = 64;

export interface OpenOptions {
  /** Folder of the workspace. Default: `ONETAPE_HOME`, or `.onetape` in the current folder. */
  readonly home?: string;
  /** Where the logs of the workspace are kept; runs are files in any case. Default: `postgres` where `POSTGRES_DSN` names a server, otherwise `sqlite`. */
  readonly store?: StoreKind;
  /** Service levels that bars must keep where they are imported, and where a backtest or a sweep begins. Default: none is asked. */
  readonly quality?: {
    readonly ladder: QualityLadder;
    /** Told what did not pass and did not stop anything. */
    readonly onWarning?: (text: string) => void;
  };
}

/** A run's report as text, or why there is none. */
export type ReportOutcome = { readonly kind: "report"; readonly text: string } | Exclude<ReadReport, { readonly kind: "read" }>;

/** A workspace, ready to work. Every method returns what happened as a value; exceptions are bugs or a broken machine. */
export interface Onetape {
  readonly home: string;
  /** Runs a backtest and stores it under the id of its content; the same content again must give the same bytes. */
  backtest(request: BacktestRequest): Promise<BacktestOutcome>;
  /**
   * Runs the strategy as a paper session: the bars of the config one by one, every batch of events committed before anything is made of it.
   * The same call goes on with a session that was stopped or killed, and ends with the tape of one that never was.
   *
   * @throws {RangeError} for a speed that is not a number above 0.
   */
  paper(request: PaperOptions): Promise<PaperOutcome>;
  /** Proves a stored run, level by level. */
  replay(request: ReplayRequest): Promise<ReplayOutcome>;
  /** Runs a stored run again on data cut at some points: what was decided up to each must be the same. */
  proveNoLookahead(request: LookaheadRequest): Promise<LookaheadOutcome>;
  readonly runs: {
    list(): Promise<readonly RunSummary[]>;
    /** By name, unambiguous prefix, or `latest`. */
    find(name: string): Promise<FindRun>;
    show(run: StoredRun): Promise<RunDetails>;
    events(run: StoredRun, filter?: EventFilter): AsyncIterable<ReadEvent>;
    verify(request: VerifyRunsRequest): Promise<readonly RunVerification[]>;
    /** The first event where two runs part, with payloads, causes, bar and states. */
    diff(left: StoredRun, right: StoredRun): Promise<DiffOutcome>;
    /** From a metric, a trade, a session or an order of a run to the events behind it. */
    explain(request: ExplainRequest): Promise<ExplainOutcome>;
    /** How near a run came to the limits of its policy. */
    exposure(request: ExposureRequest): Promise<ExposureOutcome>;
    /** The tear sheet: one self-contained page, or its JSON document. */
    report(run: StoredRun, format: "html" | "json"): Promise<ReportOutcome>;
  };
  readonly sweeps: {
    /** Runs a strategy over a grid of parameters; what has ended stays, and the same request goes on with it. */
    run(request: SweepRequest): Promise<SweepOutcome>;
    list(): Promise<readonly SweepListed[]>;
    /** By id, the beginning of one, or `latest`. */
    find(name: string): Promise<FindSweep>;
    show(sweep: StoredSweep, view?: SweepView): Promise<ShowSweep>;
    /** Makes a run of one point. */
    open(request: OpenPointRequest): Promise<OpenPointOutcome>;
  };
  readonly data: {
    import(options: ImportBarsOptions, run?: DataRunOptions): Promise<ImportOutcome>;
    list(options?: { readonly symbol?: string }): Promise<DataList | DataRefusal>;
    show(options: ShowDataOptions): Promise<ShownData | DataRefusal>;
    export(options: ExportDataOptions, run?: DataRunOptions): Promise<ExportedData | DataRefusal>;
    generate(options: GenerateDataOptions): Promise<GeneratedData | DataRefusal>;
    derive(options: DeriveDataOptions): Promise<DerivedData | DataRefusal>;
    /** Adjusted bars from raw ones and a factor file. */
    adjust(options: AdjustDataOptions): Promise<AdjustedData | DataRefusal>;
  };
  /** Sessions that value portfolios and measure their risk on a tape of their own. */
  readonly riskSessions: {
    list(): Promise<readonly string[]>;
    create(settings: NewRiskSession): Promise<OpenedRiskSession | DataRefusal>;
    /** @param mode `read` for reports alone; default `write` */
    open(name: string, mode?: "read" | "write"): Promise<OpenedRiskSession | DataRefusal>;
  };
  /** Ends the engine's thread and closes the workspace's catalogue. */
  close(): Promise<void>;
}

/**
 * Opens a workspace. Nothing is created before something is stored.
 *
 * @throws {StoreNotNamed} where the store is `postgres` and `POSTGRES_DSN` is not set.
 *
 * @example
 * ```ts
 * import { openOnetape } from "onetape";
 *
 * const onetape = openOnetape();
 * const outcome = await onetape.backtest({ configPath: "backtest.yaml" });
 * if (outcome.kind === "ok") console.log(outcome.result.run_id, outcome.result.metrics["ret.total"]);
 * await onetape.close();
 * ```
 */
export function openOnetape(options: OpenOptions = {}): Onetape {
  const workspace = {
    home: options.home ?? workspaceHome(process.env, process.cwd()),
    store: options.store ?? storeOfEnvironment(process.env),
  };
  const ports = openWorkspacePorts(workspace);
  const { data, backtests } = ports;
  const sweeps = sweepPorts(ports.home, backtests);
  const reports = reportPorts(backtests);
  const gate: { readonly quality?: QualityGate } =
    options.quality === undefined
      ? {}
      : {
          quality: {
            store: data.store,
            hash: sha256,
            now: Date.now,
            ladder: options.quality.ladder,
            folder: workspacePaths(ports.home).quality,
            onWarning: options.quality.onWarning ?? (() => {}),
          },
        };
  const risk: RiskSessionPorts = { store: data.store, hash: data.hash, cache: memoryCache(KEPT_RESULTS) };
  return {
    home: ports.home,
    backtest: (request) => runBacktest(backtests, { ...gate, ...request }),
    paper: (request) => runPaper(ports, workspace, { ...gate, ...request }),
    replay: (request) => replayRun(backtests, request),
    proveNoLookahead: (request) => proveNoLookahead(backtests, request),
    runs: {
      list: () => listRuns(backtests),
      find: (name) => backtests.runs.find(name),
      show: (run) => showRun(backtests, run),
      events: (run, filter) => readRunEvents(backtests, run, filter),
      verify: (request) => verifyRuns(backtests, request),
      diff: (left, right) => diffStoredRuns(backtests, left, right),
      explain: (request) => explainRun(backtests, request),
      exposure: (request) => riskExposure(backtests, request),
      async report(run, format) {
        const read = await readReport(reports, run);
        return read.kind === "read" ? { kind: "report", text: await reportText(reports, read.sheet, format) } : read;
      },
    },
    sweeps: {
      run: (request) => runSweep(sweeps, { ...gate, ...request }),
      list: () => listSweeps(sweeps),
      find: (name) => sweeps.sweeps.find(name),
      show: (sweep, view) => showSweep(sweeps, sweep, view),
      open: (request) => openPoint(sweeps, request),
    },
    data: {
      import: (choices, run) => importBars(data, choices, process.cwd(), { ...gate, ...run }),
      list: (choices) => listData(data, choices),
      show: (choices) => showData(data, choices),
      export: (choices) => exportData(data, choices),
      generate: (choices) => generateData(data, choices),
      derive: (choices) => deriveData(data, choices),
      adjust: (choices) => adjustData(data, choices, process.cwd()),
    },
    riskSessions: {
      list: () => riskSessionNames(risk.store),
      create: (settings) => newRiskSession(risk, settings),
      open: (name, mode) => openRiskSession(risk, name, mode),
    },
    close: () => ports.close(),
  };
}
