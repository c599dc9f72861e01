/** A session built again from its log alone, every job computed again: the proof that nothing but the log decides. */
import { runJob } from "../core/session/compute-job.js";
import { jobOf } from "../core/session/decide-risk-command.js";
import { canonicalJson } from "../core/tape/canonical-json.js";
import type { Sha256Fn, Sha256Hex } from "../core/tape/hash.js";
import type { LogSession } from "../ports/event-store.js";
import { foldSession } from "./risk-session-log.js";

/** What a replica built from the log says. */
export interface RiskReplay {
  readonly kind: "replayed";
  readonly events: number;
  /** Recorded hashes of the state that were compared, and jobs that were computed again. */
  readonly snapshots: number;
  readonly jobs: number;
  readonly state_hash: Sha256Hex;
  /** The first thing that came out otherwise, or null. */
  readonly difference: RiskDifference | null;
}

export interface RiskDifference {
  readonly what: "state_snapshot" | "job_result" | "market_snapshot" | "state";
  readonly id: string;
  readonly expected: string;
  readonly actual: string;
}

/** @param live hash of the state of the session that is compared with */
export async function replaySession(log: LogSession, live: Sha256Hex, hash: Sha256Fn): Promise<RiskReplay> {
  let difference: RiskDifference | null = null;
  let snapshots = 0;
  const differs = (what: RiskDifference["what"], id: string, expected: string, actual: string): void => {
    if (expected !== actual) difference ??= { what, id, expected, actual };
  };
  const { state, events } = await foldSession(log, (event, before) => {
    if (event.type === "risk_session.snapshotted") {
      snapshots += 1;
      differs("state_snapshot", String(event.payload.version), event.payload.state_sha256, before.hash(hash));
    }
    if (event.type === "market_snapshot.created") {
      const text = canonicalJson(event.payload.snapshot, 1, Number.MAX_SAFE_INTEGER);
      differs("market_snapshot", event.payload.market_snapshot_id, event.payload.market_snapshot_id, text.ok ? hash(text.text) : "none");
    }
  });
  let jobs = 0;
  for (const run of state.runs.values()) {
    if (run.result_sha256 === null) continue;
    jobs += 1;
    const again = runJob(jobOf(run, state), run.run_id, null, hash);
    differs("job_result", run.run_id, run.result_sha256, again.kind === "succeeded" ? again.sha256 : "failed");
  }
  const state_hash = state.hash(hash);
  differs("state", log.log, live, state_hash);
  return { kind: "replayed", events, snapshots, jobs, state_hash, difference };
}
