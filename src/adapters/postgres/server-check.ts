import type { PostgresConnection } from "./postgres-connection.js";

/** Oldest major version of PostgreSQL that is supported. */
export const OLDEST_SERVER = 14;

const ASK =
  "SELECT current_setting('server_version_num'), current_setting('server_encoding'), current_setting('fsync'), current_setting('full_page_writes'), pg_is_in_recovery()";

/** Why a server may not be used, or null. Nobody writes to a server that may forget, or that follows another. @throws {PostgresFailure} */
export async function refuseServer(connection: PostgresConnection, mode: "read" | "write"): Promise<string | null> {
  const [version, encoding, fsync, fullPages, standby] = (await connection.query(ASK))[0] ?? [];
  const major = Math.trunc(Number(version) / 10_000);
  if (!(major >= OLDEST_SERVER)) return `the server is PostgreSQL ${major}; ${OLDEST_SERVER} or newer is needed`;
  if (encoding !== "UTF8") return `the database's encoding is ${encoding}; a tape needs UTF8`;
  if (mode === "read") return null;
  if (standby !== "f") return "the server is a standby (in recovery); a tape is written on the primary alone";
  if (fsync !== "on") return "the server runs with fsync = off: it would lose what it acknowledged; set it to on and restart the server";
  if (fullPages !== "on")
    return "the server runs with full_page_writes = off: a torn page would damage the tape; set it to on and reload the server";
  return null;
}
