/** Why an order of a session was let through or refused: as for a run, from the session's tape and what the workspace keeps of it. */
import type { EventStore } from "../ports/event-store.js";
import type { SessionInputs } from "../ports/session-inputs.js";
import type { BacktestPorts } from "./backtest-ports.js";
import { type DecidedAgain, type ExplainOrderOutcome, explainDecisions } from "./explain-order.js";
import { arrivalsAgain, openSession, recordedSession } from "./recorded-session.js";

export interface ExplainSessionPorts extends Pick<BacktestPorts, "host" | "hash"> {
  readonly sessions: EventStore;
  readonly inputs: SessionInputs;
}

export interface ExplainSessionRequest {
  /** With or without `session/` before it. */
  readonly session: string;
  readonly orderId: string;
  readonly signal?: AbortSignal;
}

/** @returns null where the workspace has no session of that name. @throws the signal's reason. */
export async function explainSessionOrder(
  ports: ExplainSessionPorts,
  { session, orderId, signal }: ExplainSessionRequest,
): Promise<ExplainOrderOutcome | null> {
  const opened = await openSession(ports.sessions, session);
  if (opened.kind === "none") return null;
  if (opened.kind === "unusable") return { kind: "unreadable", message: `the tape of ${opened.name} cannot be opened: ${opened.why}` };
  const { name, tape } = opened;
  try {
    const again = async (): Promise<DecidedAgain | string> => {
      const recorded = await recordedSession(ports.inputs, tape);
      if (recorded.kind === "unusable") return recorded.message;
      const { config, task } = recorded;
      return { config, task: { ...task, tape: false }, arrivals: (stop) => arrivalsAgain(recorded, stop) };
    };
    return await explainDecisions(ports, { name, tape, orderId, again, ...(signal === undefined ? {} : { signal }) });
  } finally {
    await tape.close();
  }
}
