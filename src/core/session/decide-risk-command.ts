/** What commands do to a session: events, and nothing else. The state is that before them; whoever asks folds what came out before asking again. */
import { canonicalSnapshot, snapshotId } from "../risk/portfolio/market-snapshot.js";
import type { RiskPosition } from "../risk/portfolio/position.js";
import { canonicalJson } from "../tape/canonical-json.js";
import type { JsonObject, UtcMillis } from "../tape/event.js";
import type { Sha256Fn, Sha256Hex } from "../tape/hash.js";
import { CALCULATIONS, type JobInput, type JobResult } from "./compute-job.js";
import { marketAsOf, needsOf } from "./quote.js";
import type { RiskCommand, SnapshotParameters } from "./risk-command.js";
import type { ComputeKind, RiskSessionEvent } from "./risk-session-events.js";
import type { ComputeRequest, ComputeRun, RiskSessionState } from "./risk-session-state.js";

/** The one event that an admitted command makes. */
export function eventOf(command: RiskCommand, fingerprint: Sha256Hex, state: RiskSessionState, sha256: Sha256Fn): RiskSessionEvent {
  const { command_id, client_sequence, payload } = command;
  const occurred_at = payload.ts;
  const commanded = { command_id, fingerprint, client_sequence };
  switch (command.kind) {
    case "INGEST_QUOTE": {
      const { source, sequence, quote } = command.payload;
      return { type: "quote.ingested", occurred_at, payload: { source, sequence, fingerprint, quote: { ...quote } } };
    }
    case "INGEST_EVENT":
      return ingested(command.payload, commanded, occurred_at);
    case "SNAPSHOT_REQUEST":
      return snapshotOf(state, occurred_at, commanded, sha256);
    case "COMPUTE_REQUEST":
    case "PORTFOLIO_RISK":
    case "SCENARIO_GRID": {
      const kind: ComputeKind = command.kind === "COMPUTE_REQUEST" ? command.payload.compute : command.kind;
      const { portfolio_id, parameters } = command.payload;
      const asked = { kind, as_of: occurred_at, portfolio_id, parameters: jsonOf(parameters) };
      return { type: "compute.requested", occurred_at, payload: { ...commanded, ...asked } };
    }
  }
}

function ingested(
  payload: Extract<RiskCommand, { kind: "INGEST_EVENT" }>["payload"],
  commanded: { readonly command_id: string; readonly fingerprint: Sha256Hex; readonly client_sequence: number | null },
  occurred_at: UtcMillis,
): RiskSessionEvent {
  switch (payload.event_type) {
    case "PORTFOLIO_CREATED":
      return { type: "portfolio.created", occurred_at, payload: { ...commanded, portfolio_id: payload.data.portfolio_id } };
    case "PORTFOLIO_POSITION_UPSERTED": {
      const { portfolio_id, position } = payload.data;
      return { type: "portfolio.position_upserted", occurred_at, payload: { ...commanded, portfolio_id, position: { ...position } } };
    }
    case "PORTFOLIO_POSITION_REMOVED":
      return { type: "portfolio.position_removed", occurred_at, payload: { ...commanded, ...payload.data } };
    case "SESSION_CLOSED":
      return { type: "risk_session.closed", occurred_at, payload: commanded };
  }
}

/**
 * Gives every request that is new, or that a late event touched, its run: snapshots as of its own time, and a run named by all that it
 * depends on. Where the run is another than before, the old one is superseded; where it is the same, nothing happens.
 */
export function settle(state: RiskSessionState, sha256: Sha256Fn): readonly RiskSessionEvent[] {
  const events: RiskSessionEvent[] = [];
  const made = new Set<Sha256Hex>();
  for (const [command_id, by] of [...state.touched].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const request = state.requests.get(command_id);
    if (request !== undefined) events.push(...runOf(request, state, by, made, sha256));
  }
  return events;
}

function runOf(
  request: ComputeRequest,
  state: RiskSessionState,
  by: string,
  made: Set<Sha256Hex>,
  sha256: Sha256Fn,
): readonly RiskSessionEvent[] {
  const { command_id, kind, as_of, portfolio_id, parameters } = request;
  const occurred_at = as_of;
  const positions = state.positionsAt(portfolio_id, as_of);
  const named =
    kind === "SNAPSHOT" ? state.marketSnapshots.get((parameters as unknown as SnapshotParameters).market_snapshot_id) : undefined;
  const market = named ?? marketAsOf(state.quoteBook, as_of, state.fx_pivot, needsOf([...positions, ...tradesIn(parameters)]));
  const market_snapshot_id = snapshotId(market, sha256);
  const portfolio = { portfolio_id, positions: positions.map(jsonOf) };
  const portfolio_snapshot_id = hashOf(portfolio, sha256);
  const parameters_sha256 = hashOf(parameters, sha256);
  const identity = { kind, calculations: CALCULATIONS[kind], currency: state.base_currency };
  const run_id = hashOf({ ...identity, parameters_sha256, market_snapshot_id, portfolio_snapshot_id }, sha256);
  if (request.run_id === run_id) return [];
  const events: RiskSessionEvent[] = [];
  if (request.run_id !== null)
    events.push({ type: "compute_run.superseded", occurred_at, payload: { run_id: request.run_id, request: command_id, by } });
  if (!state.marketSnapshots.has(market_snapshot_id) && !made.has(market_snapshot_id)) {
    const payload = { market_snapshot_id, snapshot: jsonOf(canonicalSnapshot(market)) };
    events.push({ type: "market_snapshot.created", occurred_at, payload });
    made.add(market_snapshot_id);
  }
  if (state.states.of("portfolio_snapshot", portfolio_snapshot_id) !== "current" && !made.has(portfolio_snapshot_id)) {
    events.push({ type: "portfolio_snapshot.taken", occurred_at, payload: { portfolio_snapshot_id, ...portfolio } });
    made.add(portfolio_snapshot_id);
  }
  const run = { run_id, request: command_id, kind, parameters_sha256, market_snapshot_id, portfolio_snapshot_id };
  events.push({ type: "compute_run.requested", occurred_at, payload: run });
  return events;
}

/** The job of a run, from what the session kept. @throws {RangeError} for a run whose snapshots or request are not there. */
export function jobOf(run: ComputeRun, state: RiskSessionState): JobInput {
  const request = state.requests.get(run.request);
  const market = state.marketSnapshots.get(run.market_snapshot_id);
  const portfolio = state.portfolioSnapshots.get(run.portfolio_snapshot_id);
  if (request === undefined || market === undefined || portfolio === undefined)
    throw new RangeError(`run ${run.run_id} has not all that it depends on`);
  const { kind, parameters } = request;
  // The command that brought the parameters was checked against the schema of this kind.
  return { kind, parameters, currency: state.base_currency, market, positions: portfolio.positions } as unknown as JobInput;
}

/** A command, for the log's own snapshots: when enough was accepted since the last one. */
export function snapshotDue(state: RiskSessionState): boolean {
  return state.snapshot_every > 0 && state.status === "open" && state.version >= state.snapshotted + state.snapshot_every;
}

/** A hash of the state for the log. @param commanded the command that asked for it; empty where none did */
export function snapshotOf(
  state: RiskSessionState,
  occurred_at: UtcMillis,
  commanded: { readonly command_id?: string; readonly fingerprint?: Sha256Hex; readonly client_sequence?: number | null },
  sha256: Sha256Fn,
): RiskSessionEvent {
  const { version } = state;
  return { type: "risk_session.snapshotted", occurred_at, payload: { ...commanded, version, state_sha256: state.hash(sha256) } };
}

/** How a job ended, for the log. */
export function finishedBy({ run_id, request }: ComputeRun, result: JobResult, state: RiskSessionState): RiskSessionEvent {
  const occurred_at = state.requests.get(request)?.as_of ?? state.latest;
  const payload =
    result.kind === "succeeded"
      ? { run_id, status: "succeeded" as const, result_sha256: result.sha256, errors: [] }
      : { run_id, status: "failed" as const, result_sha256: null, errors: result.errors.map((error) => ({ ...error })) };
  return { type: "compute_job.finished", occurred_at, payload };
}

/** The stream of an event within its log. */
export function streamOf(event: RiskSessionEvent): string {
  switch (event.type) {
    case "risk_session.opened":
    case "risk_session.snapshotted":
    case "risk_session.closed":
      return "session";
    case "quote.ingested":
    case "quotes.rejected":
      return `quotes/${event.payload.source}`;
    case "portfolio.created":
    case "portfolio.position_upserted":
    case "portfolio.position_removed":
    case "portfolio_snapshot.taken":
      return `portfolio/${event.payload.portfolio_id}`;
    case "compute.requested":
      return "requests";
    case "market_snapshot.created":
      return "markets";
    case "compute_run.requested":
    case "compute_run.superseded":
    case "compute_job.finished":
      return `compute/${event.payload.run_id}`;
  }
}

function tradesIn(parameters: object): readonly RiskPosition[] {
  const trades: unknown = Object.getOwnPropertyDescriptor(parameters, "trades")?.value;
  // Checked with the command that brought them.
  return Array.isArray(trades) ? (trades as readonly RiskPosition[]) : [];
}

function jsonOf(value: object): JsonObject {
  return { ...value } as JsonObject;
}

/** SHA-256 of a value's canonical form. */
function hashOf(value: object, sha256: Sha256Fn): Sha256Hex {
  const text = canonicalJson(value, 1, Number.MAX_SAFE_INTEGER);
  if (!text.ok) throw new RangeError(`what a run depends on has no canonical form: ${text.violations[0]?.message ?? ""}`);
  return sha256(text.text);
}
