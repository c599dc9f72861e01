/** Kinds of logs that show by themselves that what was decided follows from what came in. */
import { RISK_SESSION_LOGS } from "../core/session/risk-session-events.js";
import type { Sha256Fn } from "../core/tape/hash.js";
import type { LogSession } from "../ports/event-store.js";
import { replaySession } from "./replay-risk-session.js";

/** What a proof came to. */
export interface DecisionProof {
  /** Decisions that were made again. */
  readonly checked: number;
  readonly message: string;
  /** The first decision that came out otherwise, or null. */
  readonly failure: { readonly position: number; readonly expected: string; readonly actual: string } | null;
}

export interface DecisionProver {
  /** Whether a log of this name is of its kind. */
  owns(log: string): boolean;
  /** Decides everything again. Changes nothing. */
  prove(session: LogSession, terms: { readonly hash: Sha256Fn; readonly onProgress?: (events: number) => void }): Promise<DecisionProof>;
}

const riskSessions: DecisionProver = {
  owns: (log) => log.startsWith(`${RISK_SESSION_LOGS}/`),
  async prove(session, terms) {
    const { decisions, jobs, snapshots, difference } = await replaySession(session, terms);
    if (difference === null) {
      const message = `${decisions} decisions come out again to the byte, ${jobs} results and ${snapshots} states among them`;
      return { checked: decisions, message, failure: null };
    }
    const { what, id, expected, actual } = difference;
    const position = difference.position ?? session.head().position;
    const message = `position ${position}: the ${what.replaceAll("_", " ")} ${id} comes out otherwise`;
    return { checked: decisions, message, failure: { position, expected, actual } };
  },
};

/** One entry per kind of log. */
export const DECISION_PROVERS: readonly DecisionProver[] = [riskSessions];
