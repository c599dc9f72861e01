/** Commands that a portfolio's positions are brought in with. */
import type { RiskPosition } from "../risk/portfolio/position.js";
import type { UtcMillis } from "../tape/event.js";
import { COMMAND_VERSION } from "./risk-command.js";

/**
 * Holds a position from a time on. Portfolio, position and time are its id: the same again is known, and another quantity for the same time is a
 * conflict, never a matter of which came last.
 */
export function upsertCommand(portfolio_id: string, position: RiskPosition, ts: UtcMillis): object {
  return {
    kind: "INGEST_EVENT",
    schema_version: COMMAND_VERSION,
    command_id: `position/${portfolio_id}/${encodeURIComponent(position.id)}/${ts}`,
    payload: { event_type: "PORTFOLIO_POSITION_UPSERTED", ts, data: { portfolio_id, position } },
  };
}
