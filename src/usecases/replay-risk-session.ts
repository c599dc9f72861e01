/**
 * A session decided again from its log alone: only what came in is fed, and whatever the session made of it, snapshots, runs, results and hashes
 * of its state, must come out again to the byte.
 */
import { type JobResult, runJob } from "../core/session/compute-job.js";
import { finishedBy, jobOf, settle, snapshotDue, snapshotOf, streamOf } from "../core/session/decide-risk-command.js";
import type { RiskSessionEvent } from "../core/session/risk-session-events.js";
import type { RiskSessionState } from "../core/session/risk-session-state.js";
import { canonicalJson } from "../core/tape/canonical-json.js";
import type { Sha256Fn, Sha256Hex } from "../core/tape/hash.js";
import type { LogSession } from "../ports/event-store.js";
import { foldSession } from "./risk-session-log.js";

/** What a replica built from the log says. */
export interface RiskReplay {
  readonly kind: "replayed";
  readonly events: number;
  /** Recorded hashes of the state that were compared. */
  readonly snapshots: number;
  /** Jobs that were computed again. */
  readonly jobs: number;
  /** Events that the session decided, all of them made again. */
  readonly decisions: number;
  readonly state_hash: Sha256Hex;
  /** The first thing that came out otherwise, or null. */
  readonly difference: RiskDifference | null;
}

export interface RiskDifference {
  readonly what: "state_snapshot" | "job_result" | "market_snapshot" | "decision" | "state";
  /** Position in the log; null where the whole state differs, or something is missing at its end. */
  readonly position: number | null;
  readonly id: string;
  readonly expected: string;
  readonly actual: string;
}

/** Terms of a replay. */
export interface ReplayTerms {
  readonly hash: Sha256Fn;
  /** Hash of the state of an open session that is compared with; left out, the log is compared with itself. */
  readonly live?: Sha256Hex;
  /** Told now and then how many events were decided again. */
  readonly onProgress?: (events: number) => void;
}

/** Decides a session again. Nothing is written. */
export async function replaySession(log: LogSession, { hash, live, onProgress }: ReplayTerms): Promise<RiskReplay> {
  const again = new DecidedAgain(hash);
  const folded = await foldSession(log, (event, before, position) => {
    again.meet(event, before, position);
    onProgress?.(position);
  });
  again.end(folded.state);
  const state_hash = folded.state.hash(hash);
  if (live !== undefined) again.compare({ what: "state", position: null, id: log.log, expected: live, actual: state_hash });
  const { snapshots, jobs, decisions, difference } = again;
  return { kind: "replayed", events: folded.events, snapshots, jobs, decisions, state_hash, difference };
}

/** Follows a log, and makes every decision in it once more from the state before it. */
class DecidedAgain {
  snapshots = 0;
  jobs = 0;
  decisions = 0;
  difference: RiskDifference | null = null;
  readonly #hash: Sha256Fn;
  /** What must come next; empty between decisions. */
  #due: RiskSessionEvent[] = [];

  constructor(hash: Sha256Fn) {
    this.#hash = hash;
  }

  meet(event: RiskSessionEvent, before: RiskSessionState, position: number): void {
    if (this.difference !== null) return;
    if (!isDecision(event)) {
      for (const missing of this.#due) this.compare({ ...placed(missing, position), expected: "nothing", actual: textOf(missing) });
      this.#due = [];
      return;
    }
    this.decisions += 1;
    if (this.#due.length === 0) this.#due = [...this.#decide(event, before)];
    const made = this.#due.shift();
    if (event.type === "risk_session.snapshotted") this.snapshots += 1;
    if (event.type === "compute_job.finished") this.jobs += 1;
    this.compare({ ...placed(event, position), ...compared(event, made) });
  }

  /** What the inputs ask for and the log lacks. A job may still wait: whoever opens the session computes it. */
  end(state: RiskSessionState): void {
    const missing = this.#due[0] ?? settle(state, this.#hash)[0];
    if (missing !== undefined) this.compare({ ...placed(missing, null), expected: "nothing", actual: textOf(missing) });
  }

  compare(found: RiskDifference): void {
    if (found.expected !== found.actual) this.difference ??= found;
  }

  /** The decisions that follow from a state, beginning with one of the type that the log has next. */
  #decide(event: RiskSessionEvent, state: RiskSessionState): readonly RiskSessionEvent[] {
    switch (event.type) {
      case "risk_session.snapshotted": {
        const { command_id, fingerprint, client_sequence } = event.payload;
        if (command_id === undefined) return snapshotDue(state) ? [snapshotOf(state, state.latest, {}, this.#hash)] : [];
        // The command is an input; what it asked to be recorded is not.
        const commanded = { command_id, ...(fingerprint === undefined ? {} : { fingerprint }), client_sequence: client_sequence ?? null };
        return [snapshotOf(state, event.occurred_at, commanded, this.#hash)];
      }
      case "compute_job.finished":
        return state.waiting().map((run) => {
          const result: JobResult = runJob(jobOf(run, state), run.run_id, null, this.#hash);
          return finishedBy(run, result, state);
        });
      default: {
        const settled = settle(state, this.#hash);
        state.touched.clear();
        return settled;
      }
    }
  }
}

const INPUTS: ReadonlySet<RiskSessionEvent["type"]> = new Set<RiskSessionEvent["type"]>([
  "risk_session.opened",
  "risk_session.closed",
  "quote.ingested",
  "quotes.rejected",
  "portfolio.created",
  "portfolio.position_upserted",
  "portfolio.position_removed",
  "compute.requested",
]);

function isDecision({ type }: RiskSessionEvent): boolean {
  return !INPUTS.has(type);
}

/** Where a decision stands, and what it is about. */
function placed(event: RiskSessionEvent, position: number | null): Pick<RiskDifference, "what" | "position" | "id"> {
  switch (event.type) {
    case "risk_session.snapshotted":
      return { what: "state_snapshot", position, id: String(event.payload.version) };
    case "compute_job.finished":
      return { what: "job_result", position, id: event.payload.run_id };
    case "market_snapshot.created":
      return { what: "market_snapshot", position, id: event.payload.market_snapshot_id };
    default:
      return { what: "decision", position, id: `${event.type} in ${streamOf(event)}` };
  }
}

/** What the log has and what came out: two hashes where those differ, the whole events otherwise. */
function compared(event: RiskSessionEvent, made: RiskSessionEvent | undefined): Pick<RiskDifference, "expected" | "actual"> {
  if (made === undefined) return { expected: textOf(event), actual: "nothing" };
  const [expected, actual] = [hashIn(event), hashIn(made)];
  return expected !== actual && event.type === made.type ? { expected, actual } : { expected: textOf(event), actual: textOf(made) };
}

function hashIn(event: RiskSessionEvent): string {
  if (event.type === "risk_session.snapshotted") return event.payload.state_sha256;
  return event.type === "compute_job.finished" ? (event.payload.result_sha256 ?? "failed") : "";
}

function textOf(event: RiskSessionEvent): string {
  const text = canonicalJson({ ...event }, 1, Number.MAX_SAFE_INTEGER);
  return text.ok ? text.text : "an event without a canonical form";
}
