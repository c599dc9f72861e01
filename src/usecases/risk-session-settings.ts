/** What a risk session begins with. */
import { KNOWN_CURRENCIES } from "../core/money/known-currencies.js";
import type { Violation } from "../core/quality/violation.js";
import { FIRST_EVENT_TIME } from "../core/session/risk-command.js";
import type { UtcMillis } from "../core/tape/event.js";
import { MAX_EVENT_TIME } from "../core/tape/event-id.js";
import { type DataRefusal, refusal } from "./data-ports.js";

/** Settings of a new session. */
export interface NewRiskSession {
  readonly name: string;
  /** Currency of every report. */
  readonly base_currency: string;
  /** Currency that the rate set hangs on. */
  readonly fx_pivot: string;
  /** Event time of its beginning. */
  readonly opened_at: UtcMillis;
  /** Accepted commands between recorded hashes of the state; 0 for none. Default 50. */
  readonly snapshot_every?: number;
}

/** Everything wrong with settings. */
export function settingViolations({ base_currency, fx_pivot, opened_at, snapshot_every }: Required<NewRiskSession>): readonly Violation[] {
  const violations: Violation[] = [];
  for (const [field, value] of Object.entries({ base_currency, fx_pivot }))
    if (!KNOWN_CURRENCIES.has(value))
      violations.push({ code: "CURRENCY_UNKNOWN", message: `${field} is ${value}`, field, value, expected: "a currency that is in use" });
  const counts = { opened_at, snapshot_every };
  for (const [field, value] of Object.entries(counts))
    if (!Number.isSafeInteger(value) || value < (field === "opened_at" ? FIRST_EVENT_TIME : 0) || value > MAX_EVENT_TIME)
      violations.push({ code: "NOT_AN_INTEGER", message: `${field} is ${value}`, field, value: String(value), expected: "a whole number" });
  return violations;
}

/** There is no session of a name. */
export function missingSession(name: string): DataRefusal {
  const message = `there is no session ${name}`;
  return refusal("not_found", [{ code: "SESSION_NOT_FOUND", message, field: "name", value: name, expected: "a session that was begun" }]);
}
