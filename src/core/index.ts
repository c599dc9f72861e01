/**
 * The pure core: everything needed to check a tape, to fold one, and to speak its words, in any JavaScript runtime.
 *
 * Nothing here reads a clock, a file or a random source. Hashing is handed in as a {@link Sha256Fn}.
 */
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
export { columnSetId, rowRangeSha256, sessionRanges } from "./market/column-set.js";
export type { Gap, GapReport } from "./market/gaps.js";
export { findGaps, sessionGaps } from "./market/gaps.js";
export type { Instrument } from "./market/instrument.js";
export { divideHalfEven, formatBig, formatScaled, parseBig, parseScaled } from "./money/decimal.js";
export { externalKey, idempotencyKey } from "./orders/idempotency-key.js";
export type { OrderAction, OrderStatus } from "./orders/order-lifecycle.js";
export { IllegalTransition, isTerminal, nextStatus } from "./orders/order-lifecycle.js";
export type { OrderTicket } from "./orders/ticket.js";
export type { QualityResult } from "./quality/quality-result.js";
export type { Violation } from "./quality/violation.js";
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
