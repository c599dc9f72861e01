/** Logs that are being imported: their events cannot be taken back, so the log stays hidden until it is whole. */
import type { Head } from "../../core/tape/event.js";
import type { PostgresConnection } from "./postgres-connection.js";
import { type Ask, bytea, hashAt, integerAt, readStanding } from "./postgres-log.js";

/** Names of the logs that are whole. */
export const WHOLE_LOGS =
  "SELECT log_id FROM log_head WHERE NOT EXISTS (SELECT FROM log_imports i WHERE i.log_id = log_head.log_id) ORDER BY log_id";

const IMPORT = "SELECT position, head_hash FROM log_imports WHERE log_id = $1";

/** Whether a log is being imported. @throws {BackendFailure} */
export async function isBeingImported(ask: Ask, log: string): Promise<boolean> {
  return (await ask(IMPORT, [log], "onetape_import")).length > 0;
}

/** `begun`: the log is hidden and may be written; `exists`: it is whole already; `other`: another history is being imported. */
export type BegunImport =
  | { readonly kind: "begun" }
  | { readonly kind: "exists"; readonly head: Head }
  | { readonly kind: "other"; readonly position: number };

/** Hides a log that is not there yet, or finds one that was hidden by an import that was interrupted. @throws {BackendFailure} */
export function beginImport(connection: PostgresConnection, log: string, whole: Head): Promise<BegunImport> {
  const ask: Ask = (text, values, name) => connection.query(text, values, name);
  return connection.transaction("BEGIN", async () => {
    // Of two that begin at once the second waits here for the first.
    await ask("SELECT pg_advisory_xact_lock(hashtext($1))", [`onetape import ${log}`]);
    const [row] = await ask(IMPORT, [log]);
    if (row !== undefined) {
      const same = integerAt(row, 0) === whole.position && hashAt(row, 1) === whole.hash;
      return same ? { kind: "begun" } : { kind: "other", position: integerAt(row, 0) };
    }
    const standing = await readStanding(ask, log);
    if (standing !== null) return { kind: "exists", head: standing.head };
    await ask("INSERT INTO log_imports (log_id, position, head_hash) VALUES ($1, $2, $3)", [log, whole.position, bytea(whole.hash)]);
    return { kind: "begun" };
  });
}

/** Shows a log that is whole, and makes all of it survive power loss. @throws {BackendFailure} */
export async function endImport(connection: PostgresConnection, log: string): Promise<void> {
  await connection.query("DELETE FROM log_imports WHERE log_id = $1 RETURNING set_config('synchronous_commit', 'on', true)", [log]);
}
