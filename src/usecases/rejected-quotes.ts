/** Quotes that a session refused: counted by source and code, one event each. */
import type { RiskSessionEvent } from "../core/session/risk-session-events.js";
import type { RiskSessionState } from "../core/session/risk-session-state.js";

/** Quotes that were refused are counted by source; a source that has no usable name is `unknown`. */
export function countReject(raw: unknown, code: string, rejects: Map<string, number>): void {
  if (typeof raw !== "object" || raw === null || !("kind" in raw) || raw.kind !== "INGEST_QUOTE") return;
  const payload = "payload" in raw && typeof raw.payload === "object" && raw.payload !== null ? raw.payload : {};
  const source = "source" in payload && typeof payload.source === "string" && SOURCE.test(payload.source) ? payload.source : "unknown";
  rejects.set(`${source} ${code}`, (rejects.get(`${source} ${code}`) ?? 0) + 1);
}

const SOURCE = /^[A-Za-z0-9_:@+-][A-Za-z0-9._:@+-]{0,79}$/;

/** One event per source and code. */
export function rejectEvents(rejects: ReadonlyMap<string, number>, state: RiskSessionState): readonly RiskSessionEvent[] {
  if (state.status !== "open") return [];
  return [...rejects]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, count]) => {
      const [source = "", code = ""] = key.split(" ");
      return { type: "quotes.rejected", occurred_at: state.latest, payload: { source, code, count } };
    });
}
