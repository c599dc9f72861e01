/** The newest recorded hash of a session's state, with the state that it covers: folded from the log up to there, and compared. */

import { RiskSessionState } from "../core/session/risk-session-state.js";
import type { JsonObject, UtcMillis } from "../core/tape/event.js";
import type { Sha256Fn, Sha256Hex } from "../core/tape/hash.js";
import type { RiskSession } from "./risk-session.js";
import { riskEventOf } from "./risk-session-log.js";

/** Where a hash of the state was recorded. */
export interface RecordedSnapshot {
  /** Position on the log. */
  readonly position: number;
  /** Accepted commands up to there. */
  readonly version: number;
  /** Event time of the recording. */
  readonly created_at: UtcMillis;
  readonly state_hash: Sha256Hex;
}

/** The newest recorded hash, or null. */
export async function newestSnapshot(session: Pick<RiskSession, "events">): Promise<RecordedSnapshot | null> {
  for await (const stored of session.events({ direction: "backwards", limit: 1, types: ["risk_session.snapshotted"] })) {
    const event = riskEventOf(stored);
    if (event.type !== "risk_session.snapshotted") continue;
    const { version, state_sha256 } = event.payload;
    return { position: stored.position, version, created_at: event.occurred_at, state_hash: state_sha256 };
  }
  return null;
}

/** What the session knew when a hash was recorded. @returns null where the log's events give another hash: it is not what was written */
export async function stateAt(
  session: Pick<RiskSession, "events">,
  { position, state_hash }: RecordedSnapshot,
  hash: Sha256Fn,
): Promise<JsonObject | null> {
  const state = new RiskSessionState();
  for await (const stored of session.events({ limit: position - 1 })) state.apply(riskEventOf(stored));
  return state.hash(hash) === state_hash ? state.known() : null;
}
