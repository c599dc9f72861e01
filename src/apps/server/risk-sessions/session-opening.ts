/** How a session was begun, as its log says. */
import type { UtcMillis } from "../../../core/tape/event.js";
import type { RiskSession } from "../../../usecases/risk-session.js";
import { riskEventOf } from "../../../usecases/risk-session-log.js";
import type { ProblemDetail } from "../problem.js";

export interface SessionOpening {
  readonly base_currency: string;
  readonly fx_pivot: string;
  readonly opened_at: UtcMillis;
  readonly snapshot_every: number;
}

export async function openingOf(session: Pick<RiskSession, "events">): Promise<SessionOpening> {
  for await (const stored of session.events({ limit: 1 })) {
    const event = riskEventOf(stored);
    if (event.type === "risk_session.opened") return { ...event.payload, opened_at: event.occurred_at };
  }
  throw new RangeError("a session's log does not begin with its opening");
}

/** Where two ways of beginning a session differ. */
export function openingDifferences(asked: SessionOpening, known: SessionOpening): readonly ProblemDetail[] {
  const fields = ["base_currency", "fx_pivot", "opened_at", "snapshot_every"] as const;
  return fields
    .filter((field) => asked[field] !== known[field])
    .map((field) => ({ field: `/${field}`, value: String(asked[field]), expected: String(known[field]) }));
}
