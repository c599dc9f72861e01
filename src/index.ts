/**
 * Onetape as a library: the same use cases that the command line is made of.
 *
 * `onetape/core` holds the pure parts (checking and folding a tape in any JavaScript runtime), `onetape/strategy` what a strategy
 * file imports.
 */

export { answerSql, type SqlAnswer, type SqlColumn, type SqlQuestion } from "./adapters/calc-rows/calc-sql.js";
export { MemoryEventStore } from "./adapters/memory/memory-event-store.js";
export { sha256, sha256Bytes } from "./adapters/node-hash/sha256.js";
export { logFilesIn } from "./adapters/sqlite/log-files.js";
export { SqliteEventStore } from "./adapters/sqlite/sqlite-event-store.js";
export { type CalcOpening, type OpenCalculations, openCalculations } from "./apps/library/calculations.js";
export { type Onetape, type OpenOptions, openOnetape, type ReportOutcome } from "./apps/library/onetape.js";
export type { PaperOptions } from "./apps/library/paper-sessions.js";
export { openRiskBooks, type RiskBookOptions } from "./apps/library/risk-books.js";
export type { CalcRow, CalcValue } from "./core/calc/canonical-rows.js";
export { declared as declareCalculation, type FinraCalculation, type FinraInput } from "./core/calc/finra-otc/finra-input.js";
export { weekReadiness } from "./core/calc/finra-otc/week-readiness.js";
export type { MountedCalculation } from "./core/calc/mounted-calculation.js";
export {
  createDefaultGuards,
  type GuardedOrder,
  GuardInputError,
  type Guards,
  type GuardsConfig,
  type PortfolioView,
  type Rejection,
} from "./core/gate/guards.js";
export {
  type Decimal,
  type PositionSize,
  PositionSizer,
  type PositionSizerConfig,
  type SizeQuestion,
  SizerInputError,
  type SizerMode,
} from "./core/orders/position-sizer.js";
export type { QualityLadder } from "./core/quality/ladder.js";
export type { Violation } from "./core/quality/violation.js";
export { AsyncHandlerRefused, Dispatcher } from "./core/tape/dispatcher.js";
export type { Anchor, Head, Json, JsonObject, NewEvent, TapeEvent, UtcMillis } from "./core/tape/event.js";
export type {
  AppendOutcome,
  EventStore,
  ExpectedVersion,
  LogSession,
  OpenOutcome,
  StreamBatch,
  VerifyReport,
} from "./ports/event-store.js";
export type { FindRun, RunManifest, RunStatus, StoredRun } from "./ports/run-store.js";
export type { FindSweep, StoredSweep } from "./ports/sweep-store.js";
export { type BackfillOptions, type BackfillReport, backfillWeeks } from "./usecases/backfill-weeks.js";
export type { CalcLog, CalcPorts, CalcRefusal } from "./usecases/calc-log.js";
export { calculationCatalogue } from "./usecases/calculation-catalogue.js";
export type { DataProgress, DataRefusal, DataRunOptions } from "./usecases/data-ports.js";
export { type CapturedReadiness, readDataReadiness } from "./usecases/data-readiness.js";
export type { DiffVerdict, FirstDifference, RunDiff } from "./usecases/diff-runs.js";
export type { DiffOutcome } from "./usecases/diff-stored-runs.js";
export type { EventBehind } from "./usecases/events-behind.js";
export type { Explained, ExplainedCell, ExplainedMetric, ExplainedTable, ExplainOutcome, ExplainRequest } from "./usecases/explain-run.js";
export type { ExplainedSession } from "./usecases/explain-session.js";
export type { ExplainedTrade, TradeEvent, TradeOrder } from "./usecases/explain-trade.js";
export type { RunDetails, RunSummary } from "./usecases/find-run.js";
export {
  certifyWeek,
  currentVersions,
  moveCalcVersion,
  resolveAnomaly,
  retractCapture,
} from "./usecases/govern-calculations.js";
export { type IngestReport, type IngestTerms, ingestCommands, type RefusedCommand } from "./usecases/ingest-commands.js";
export { type IngestedWeek, type IngestOptions, ingestWeek } from "./usecases/ingest-week.js";
export { type LoadedCalendar, loadCalendar } from "./usecases/load-calendar.js";
export type { OpenRiskBooks } from "./usecases/measure-books.js";
export { explainRestatement, type NormalisedCapture, normaliseCapture } from "./usecases/normalise-week.js";
export type { OpenPointOutcome, OpenPointRequest } from "./usecases/open-point.js";
export type { PaperOutcome, PaperProgress, PaperStanding } from "./usecases/paper-session.js";
export type { PipelineReport, PipelineRequest, PipelineStep } from "./usecases/pipeline-report.js";
export type {
  LookaheadFailure,
  LookaheadOutcome,
  LookaheadPoint,
  LookaheadReport,
  LookaheadRequest,
} from "./usecases/prove-no-lookahead.js";
export { publish } from "./usecases/publish.js";
export { type CalcAnswer, type CalcQuery, type CalcRowStream, openCalcRows, queryCalculation } from "./usecases/query-calculation.js";
export { type QuoteBatch, type QuoteFeed, type QuoteStreamOptions, streamQuotes } from "./usecases/quote-stream.js";
export type { EventFilter, ReadEvent } from "./usecases/read-run-events.js";
export { type RebuildReport, rebuildCalculations } from "./usecases/rebuild-calculations.js";
export { type RecordedOrder, recordOrder } from "./usecases/record-order.js";
export type { LevelVerdict, ReplayLevel } from "./usecases/replay-levels.js";
export type { RiskDifference, RiskReplay } from "./usecases/replay-risk-session.js";
export type { ReplayOutcome, ReplayReport } from "./usecases/replay-run.js";
export type { ExposureOutcome, ExposureRequest } from "./usecases/risk-exposure.js";
export {
  type CommandOutcome,
  type CommandOutcomes,
  newRiskSession,
  type OpenedRiskSession,
  openRiskSession,
  type RiskSession,
  type RiskSessionPorts,
} from "./usecases/risk-session.js";
export type { NewRiskSession } from "./usecases/risk-session-settings.js";
export type {
  AbortReason,
  BacktestOutcome,
  BacktestProgress,
  BacktestRequest,
  BacktestResult,
  StrategyError,
} from "./usecases/run-backtest.js";
export { type CalcRunOptions, type CalcRunReport, runCalculations } from "./usecases/run-calculations.js";
export { runPipeline } from "./usecases/run-pipeline.js";
export type { SweepOutcome, SweepRequest, SweepResult, SweepRow } from "./usecases/run-sweep.js";
export { type ScheduleOptions, type ScheduleReport, scheduleCalculations } from "./usecases/schedule-calculations.js";
export type { ShownSweep, ShowSweep, SweepListed, SweepView } from "./usecases/show-sweep.js";
export { type CalcVerification, verifyCalculations } from "./usecases/verify-calculations.js";
export type { RunVerification } from "./usecases/verify-runs.js";
