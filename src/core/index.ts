/**
 * The pure core: everything needed to check a tape, to fold one, and to speak its words, in any JavaScript runtime.
 *
 * Nothing here reads a clock, a file or a random source. Hashing is handed in as a {@link Sha256Fn}.
 */
export { calcCatalogue } from "./calc/calc-event-schemas.js";
export type { CalcEvent, CalcPayloads } from "./calc/calc-events.js";
export { CalcIndex } from "./calc/calc-index.js";
export { CalcRegistry, calcViolations, versionRank } from "./calc/calc-registry.js";
export type { CalcEntry, Calculation } from "./calc/calculation.js";
export type { CalcRow } from "./calc/canonical-rows.js";
export { compareRows, rowSetHash } from "./calc/canonical-rows.js";
export type { FinraCalculation, FinraInput } from "./calc/finra-otc/finra-input.js";
export { FINRA_CALCULATIONS } from "./calc/finra-otc/finra-registry.js";
export type { CalcIdentity } from "./calc/identity.js";
export { InvalidFact } from "./engine/invalid-fact.js";
export type { RunConfig } from "./engine/run-config.js";
export { runCatalogue } from "./engine/run-event-schemas.js";
export type { RunEvent, RunEventType, RunPayloads } from "./engine/run-events.js";
export { RUN_EVENT_TYPES } from "./engine/run-events.js";
export { TradingState } from "./engine/trading-state.js";
export type { RiskApproved } from "./gate/approval.js";
export { checkCodeOf } from "./gate/check-aliases.js";
export type { CheckCode } from "./gate/check-codes.js";
export { CHECK_CODES } from "./gate/check-codes.js";
export type { CombinedPolicy } from "./gate/combine-policies.js";
export { combinePolicies } from "./gate/combine-policies.js";
export type { CheckDescription, CheckLimit } from "./gate/describe-checks.js";
export { describeChecks } from "./gate/describe-checks.js";
export type { RiskPolicy } from "./gate/policy.js";
export { policyFingerprint } from "./gate/policy-fingerprint.js";
export { PRESET_NAMES, presetNamed } from "./gate/policy-presets.js";
export type { BarColumns, PriceBasis, PriceMode, SessionRange, Timeframe } from "./market/bars.js";
export { TIMEFRAME_MS } from "./market/bars.js";
export type { Calendar, Session } from "./market/calendar.js";
export { CALENDAR_IDS, calendarById } from "./market/calendars/registry.js";
export { dayOfText, formatDay, parseDay } from "./market/civil-date.js";
export { columnSetId, rowRangeSha256, sessionRanges } from "./market/column-set.js";
export type { Gap, GapReport } from "./market/gaps.js";
export { findGaps, sessionGaps } from "./market/gaps.js";
export type { Instrument } from "./market/instrument.js";
export { divideHalfEven, formatBig, formatScaled, parseBig, parseScaled } from "./money/decimal.js";
export { externalKey, idempotencyKey } from "./orders/idempotency-key.js";
export type { OrderAction, OrderStatus } from "./orders/order-lifecycle.js";
export { IllegalTransition, isTerminal, nextStatus } from "./orders/order-lifecycle.js";
export type { OrderTicket } from "./orders/ticket.js";
export type { BarFrame, FrameVerdict } from "./quality/bar-frame.js";
export { assertValid, validate } from "./quality/bar-frame.js";
export type { SlaResult } from "./quality/data-quality-sla.js";
export { DataQualitySLA } from "./quality/data-quality-sla.js";
export { applyLadder, GRADE_ACTIONS, gradeOf, PRIORITY_OF } from "./quality/grade.js";
export type { QualityResult } from "./quality/quality-result.js";
export type { Violation } from "./quality/violation.js";
export type { BookComponents, BookTail, BookTailTerms } from "./risk/books/book-tails.js";
export { bookTails } from "./risk/books/book-tails.js";
export type { BookHolding, PnlBook, PnlBooks, PnlMatrix } from "./risk/books/pnl-books.js";
export { openBooks } from "./risk/books/pnl-books.js";
export type { MeasureDefinition } from "./risk/measure.js";
export { riskMeasure, riskMeasures } from "./risk/measure-registry.js";
export type {
  BookInput,
  BookTotal,
  BookValuation,
  PositionCell,
  PositionValue,
  TotalsPolicy,
} from "./risk/portfolio/book-valuation.js";
export { valueBook } from "./risk/portfolio/book-valuation.js";
export type { Cluster, ClusterReference, ClusterSet, ClusterSetInput } from "./risk/portfolio/cluster-set.js";
export { clusterMembers, clusterSet, clusterSetId } from "./risk/portfolio/cluster-set.js";
export type { Concentration } from "./risk/portfolio/concentration.js";
export { concentration } from "./risk/portfolio/concentration.js";
export type { Exposure, ExposureDimension, ExposureInput, Exposures } from "./risk/portfolio/exposures.js";
export { exposures } from "./risk/portfolio/exposures.js";
export type { RateQuote, RateSet } from "./risk/portfolio/fx-rates.js";
export type { HistoricalScenarios, HistoryFactor, HistoryInput, MissingLevels } from "./risk/portfolio/historical-scenarios.js";
export { historicalScenarios } from "./risk/portfolio/historical-scenarios.js";
export { marginHeuristic } from "./risk/portfolio/margin-heuristic.js";
export type { CurveQuote, MarketSnapshot, SpotQuote, VolatilityQuote } from "./risk/portfolio/market-snapshot.js";
export { canonicalSnapshot, snapshotId } from "./risk/portfolio/market-snapshot.js";
export type { LimitFigure, PortfolioLimit, PortfolioLimitInput, PortfolioLimitStates } from "./risk/portfolio/portfolio-limits.js";
export { portfolioLimits } from "./risk/portfolio/portfolio-limits.js";
export type { AssetClass, RiskPosition } from "./risk/portfolio/position.js";
export { POSITION_KINDS } from "./risk/portfolio/position.js";
export type { Scenario, Shock } from "./risk/portfolio/scenario.js";
export type { GridCell, GridInput, ScenarioGrid } from "./risk/portfolio/scenario-grid.js";
export { scenarioGrid, scenarioGridKey } from "./risk/portfolio/scenario-grid.js";
export type { ScenarioPnl, ScenarioResult, ScenarioRun, ScenarioRunInput } from "./risk/portfolio/scenario-run.js";
export { scenarioPnl, scenarioRun } from "./risk/portfolio/scenario-run.js";
export type { WhatIf, WhatIfInput } from "./risk/portfolio/what-if.js";
export { whatIf } from "./risk/portfolio/what-if.js";
export { americanPrice, priceAmerican } from "./risk/pricing/american-option.js";
export type { BachelierInputs } from "./risk/pricing/bachelier-option.js";
export { priceBachelier } from "./risk/pricing/bachelier-option.js";
export type { BondFlows, BondPayment, BondTerms } from "./risk/pricing/bond-flows.js";
export { bondFlows } from "./risk/pricing/bond-flows.js";
export type { BondOnCurve } from "./risk/pricing/bond-on-curve.js";
export { bondOnCurve } from "./risk/pricing/bond-on-curve.js";
export type { BondValue, YieldConvention } from "./risk/pricing/bond-yield.js";
export { bondAtPrice, bondAtYield } from "./risk/pricing/bond-yield.js";
export type { BusinessDayConvention } from "./risk/pricing/business-day.js";
export type { DayCount, PlainDayCount } from "./risk/pricing/day-count.js";
export { yearsBetween } from "./risk/pricing/day-count.js";
export type {
  CurveExtrapolation,
  CurveInterpolation,
  CurveNode,
  CurveTerms,
  DiscountCurve,
  ForwardRate,
} from "./risk/pricing/discount-curve.js";
export { discountFactor, flatCurve, forwardRate, openCurve, shiftZeroRates } from "./risk/pricing/discount-curve.js";
export type { Black76Inputs, BlackScholesInputs, GarmanKohlhagenInputs } from "./risk/pricing/european-option.js";
export { priceBlack76, priceBlackScholes, priceGarmanKohlhagen } from "./risk/pricing/european-option.js";
export type { FxForwardInputs, FxForwardValue } from "./risk/pricing/fx-forward.js";
export { priceFxForward } from "./risk/pricing/fx-forward.js";
export type { ImpliedVolatility, QuotedColumns, QuotedOnForward, QuotedOnSpot } from "./risk/pricing/implied-volatility.js";
export {
  IMPLIED_REFUSALS,
  impliedBachelier,
  impliedBlack76,
  impliedBlackScholes,
  impliedVolatilities,
} from "./risk/pricing/implied-volatility.js";
export type { OptionRight, OptionValue } from "./risk/pricing/option-value.js";
export { GREEK_UNITS } from "./risk/pricing/option-value.js";
export type { PricerName } from "./risk/pricing/pricers.js";
export { PRICERS } from "./risk/pricing/pricers.js";
export type { Priced, PricingCode, PricingViolation } from "./risk/pricing/refusal.js";
export type { OptionColumns, Revaluation, ScenarioColumns } from "./risk/pricing/revaluation.js";
export { openRevaluation } from "./risk/pricing/revaluation.js";
export type { Stub } from "./risk/pricing/schedule.js";
export type { BookRisk, BookRiskInput, BookScenarios, RiskBasis, ScenarioSet, StatedFigure } from "./risk/report/book-risk.js";
export { bookRisk } from "./risk/report/book-risk.js";
export type { CorrelationMap } from "./risk/report/correlation-map.js";
export type { Before, ChangeLine, ExplainedChange } from "./risk/report/explained-change.js";
export type { Level, LevelKind, PriceHistory, PriceHistoryInput, Traded } from "./risk/report/price-history.js";
export { LEVEL_KINDS, priceHistory } from "./risk/report/price-history.js";
export type { ReportNote } from "./risk/report/report-notes.js";
export type {
  Contribution,
  GridFigure,
  HistoryLine,
  ReportPosition,
  RiskReport,
  RiskReportTerms,
  Stated,
} from "./risk/report/risk-report.js";
export { riskReport } from "./risk/report/risk-report.js";
export type { BacktestDocument, BacktestPeriod, BacktestTerms, StatedTest } from "./risk/report/rolling-backtest.js";
export { BACKTEST_WINDOW, backtestDocument } from "./risk/report/rolling-backtest.js";
export type { StressDocument } from "./risk/report/stress-document.js";
export { stressDocument } from "./risk/report/stress-document.js";
export type { StatedPosition, TailDocument, TailTermsStated } from "./risk/report/tail-document.js";
export { tailDocument, tailName } from "./risk/report/tail-document.js";
export type { TailFigure, TailMethod, TailParameters } from "./risk/report/tail-methods.js";
export { DEFAULT_TAIL_PARAMETERS, METHOD_TITLES, TAIL_METHODS } from "./risk/report/tail-methods.js";
export type { RiskError, RiskErrorCode, RiskOutcome } from "./risk/risk-outcome.js";
export { RISK_ERROR_CODES } from "./risk/risk-outcome.js";
export type { CommandCode, CommandError, CommandFault } from "./session/command-firewall.js";
export { COMMAND_CODES } from "./session/command-firewall.js";
export type { ComputeCache, Figure } from "./session/compute-job.js";
export { memoryCache } from "./session/compute-job.js";
export type { PlacedCommand } from "./session/placed-command.js";
export type { PortfolioSummary } from "./session/portfolio-summary.js";
export type { MarketQuote } from "./session/quote.js";
export type { CommandKind, ExecutionParameters, GridParameters, RiskParameters, SnapshotParameters } from "./session/risk-command.js";
export type { ComputeKind, RiskSessionEvent, RiskSessionPayloads } from "./session/risk-session-events.js";
export { COMPUTE_KINDS, riskSessionCatalogue } from "./session/risk-session-events.js";
export type { ComputeRequest, ComputeRun } from "./session/risk-session-state.js";
export { RiskSessionState } from "./session/risk-session-state.js";
export type { RiskSessionReport } from "./session/session-report.js";
export { reportText } from "./session/session-report.js";
export type { Entity } from "./session/state-machines.js";
export { STATE_MACHINES, stepOf } from "./session/state-machines.js";
export { canonicalJson, canonicalPayload } from "./tape/canonical-json.js";
export type { EventCatalogue, EventDefinition, Upcaster } from "./tape/catalogue.js";
export { auditHash, contentHash, eventHash, payloadHash } from "./tape/chain.js";
export type { Divergence, DivergenceReader } from "./tape/divergence.js";
export { findDivergence } from "./tape/divergence.js";
export type { Anchor, Head, Json, JsonObject, NewEvent, TapeEvent, UtcMillis } from "./tape/event.js";
export { eventId, timeOfEventId } from "./tape/event-id.js";
export type { Sha256BytesFn, Sha256Fn, Sha256Hex } from "./tape/hash.js";
export { GENESIS_HASH } from "./tape/hash.js";
export { buildRegistry } from "./tape/registry.js";
export { upcastEvent } from "./tape/upcast.js";
