/** A report of a session: its figures, and beside them all that they were made of. Nothing in it depends on a clock. */
import { canonicalJson } from "../tape/canonical-json.js";
import type { Json, JsonObject, UtcMillis } from "../tape/event.js";
import type { Sha256Fn, Sha256Hex } from "../tape/hash.js";
import { CALCULATIONS } from "./compute-job.js";
import type { ComputeKind } from "./risk-session-events.js";
import type { ComputeRequest, ComputeRun, RiskSessionState } from "./risk-session-state.js";

/** What a request came to. */
export interface RiskSessionReport {
  readonly session_id: string;
  readonly request: string;
  readonly kind: ComputeKind;
  readonly portfolio_id: string;
  readonly as_of: UtcMillis;
  readonly currency: string;
  readonly state: string;
  readonly run_id: Sha256Hex;
  /** Calculations by name and version, as they are part of the run's name. */
  readonly calculations: readonly string[];
  readonly market_snapshot_id: Sha256Hex;
  readonly portfolio_snapshot_id: Sha256Hex;
  /** The one rate set, and its name. */
  readonly fx: { readonly fx_set_id: Sha256Hex; readonly pivot: string; readonly quotes: readonly JsonObject[] };
  readonly parameters: JsonObject;
  /** Runs that answered the request before late events. */
  readonly superseded: readonly Sha256Hex[];
  readonly result_sha256: Sha256Hex | null;
  readonly errors: readonly JsonObject[];
  /** Figures in their order; empty where the job failed. */
  readonly figures: readonly Json[];
}

/** @param result text of the run's result, or null where it has none */
export function reportOf(
  session_id: string,
  state: RiskSessionState,
  request: ComputeRequest,
  run: ComputeRun,
  result: string | null,
  sha256: Sha256Fn,
): RiskSessionReport {
  const fx = state.marketSnapshots.get(run.market_snapshot_id)?.fx ?? { pivot: state.fx_pivot, quotes: [] };
  const quotes = fx.quotes.map((quote) => ({ ...quote }));
  const figures = result === null ? [] : (JSON.parse(result) as { readonly figures: readonly Json[] }).figures;
  return {
    session_id,
    request: request.command_id,
    kind: request.kind,
    portfolio_id: request.portfolio_id,
    as_of: request.as_of,
    currency: state.base_currency,
    state: state.states.of("run", run.run_id),
    run_id: run.run_id,
    calculations: CALCULATIONS[request.kind],
    market_snapshot_id: run.market_snapshot_id,
    portfolio_snapshot_id: run.portfolio_snapshot_id,
    fx: { fx_set_id: sha256(canonicalText({ pivot: fx.pivot, quotes })), pivot: fx.pivot, quotes },
    parameters: request.parameters,
    superseded: request.superseded,
    result_sha256: run.result_sha256,
    errors: run.errors.map((error) => ({ ...error }) as JsonObject),
    figures,
  };
}

/** The bytes of a report. @throws {RangeError} for one that {@link reportOf} did not make. */
export function reportText(report: RiskSessionReport): string {
  return canonicalText(report);
}

function canonicalText(value: object): string {
  const text = canonicalJson(value, 1, Number.MAX_SAFE_INTEGER);
  if (!text.ok) throw new RangeError(`a report has no canonical form: ${text.violations[0]?.message ?? ""}`);
  return text.text;
}
