/** What chaos tests injected, and what was lost: written down for docs/reliability.md where `ONETAPE_FAULT_RECORD` names a file. */
import { appendFileSync } from "node:fs";

export type FaultedStore = "SQLite" | "PostgreSQL";

/** One scenario on one store, after its oracle was content. */
export interface FaultRecord {
  /** Number in the catalogue. */
  readonly scenario: number;
  readonly store: FaultedStore;
  /** How often the fault struck. */
  readonly injected: number;
  /** Events that had been acknowledged when the last oracle looked; null where the scenario appends none. */
  readonly acknowledged: number | null;
}

/** True where everything is to be run in full, and not a bounded part. */
export const whole: boolean = process.env["ONETAPE_CHAOS"] === "all";

/** A number of rounds: few in a usual test run, many in a whole one. */
export const rounds = (few: number, many: number): number => (whole ? many : few);

/** Takes down that a scenario was run and lost nothing: called last, after its checks. @throws {Error} where nothing struck. */
export function recordFault(record: FaultRecord): void {
  if (!(record.injected > 0)) throw new Error(`scenario ${record.scenario} struck nothing on ${record.store}`);
  const path = process.env["ONETAPE_FAULT_RECORD"];
  if (path !== undefined) appendFileSync(path, `${JSON.stringify(record)}\n`);
}
