/** Kinds of logs that show that what was decided follows from what came in: by themselves, or with what the workspace keeps beside them. */
import { RISK_SESSION_LOGS } from "../core/session/risk-session-events.js";
import type { Sha256Fn } from "../core/tape/hash.js";
import type { LogSession } from "../ports/event-store.js";
import { replaySession } from "./replay-risk-session.js";

/** What a proof came to. */
export interface DecisionProof {
  /** Decisions that were made again. */
  readonly checked: number;
  readonly message: string;
  /** Present where what deciding again takes is not at hand: nothing was shown, and nothing contradicted. */
  readonly not_shown?: true;
  /** The first decision that came out otherwise, or null. Its payloads are empty where one side has no event there. */
  readonly failure: { readonly position: number; readonly expected: string; readonly actual: string } | null;
}

export interface ProofTerms {
  readonly hash: Sha256Fn;
  readonly onProgress?: (events: number) => void;
}

export interface DecisionProver {
  /** Whether a log of this name is of its kind. */
  owns(log: string): boolean;
  /** Decides everything again. Changes nothing. */
  prove(session: LogSession, terms: ProofTerms): Promise<DecisionProof>;
  /** Folds the log and compares the state with the hashes of it that stand on the log. Left out, there are none. */
  proveStates?(session: LogSession, terms: ProofTerms): Promise<DecisionProof>;
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

/** Those that need nothing but the log: one entry per kind. */
export const DECISION_PROVERS: readonly DecisionProver[] = [riskSessions];
