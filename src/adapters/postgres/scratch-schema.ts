import { randomBytes } from "node:crypto";
import { PostgresConnection, type PostgresLimits } from "./postgres-connection.js";
import type { PostgresTarget } from "./postgres-dsn.js";
import { PostgresFailure } from "./postgres-failure.js";

const PREFIX = "onetape_scratch_";
const LIMITS: PostgresLimits = { connect_ms: 10_000, statement_ms: null, lock_ms: 5_000 };
/** Whoever works in a schema holds its lock, so that one whose process died is told from one in use. */
const LOCK = "SELECT pg_try_advisory_lock(hashtext('onetape scratch'), hashtext($1))";
const LEFT_BEHIND = `SELECT nspname FROM pg_namespace WHERE starts_with(nspname, '${PREFIX}') AND pg_has_role(nspowner, 'USAGE')`;

/**
 * Gives work an empty schema of its own in a database, and removes it with all that is in it; so are those of processes that died.
 *
 * @throws {PostgresFailure} saying what right is missing where the user may not make one.
 */
export async function withScratchSchema<T>(target: PostgresTarget, work: (scratch: PostgresTarget) => Promise<T>): Promise<T> {
  const schema = `${PREFIX}${randomBytes(8).toString("hex")}`;
  const keeper = await PostgresConnection.open(target, LIMITS);
  try {
    await removeLeftBehind(keeper);
    await keeper.query(LOCK, [schema]);
    await make(keeper, schema);
    try {
      return await work({ ...target, schema });
    } finally {
      await remove(keeper, target, schema);
    }
  } finally {
    await keeper.close();
  }
}

async function make(keeper: PostgresConnection, schema: string): Promise<void> {
  try {
    await keeper.run(`CREATE SCHEMA ${schema}`);
  } catch (error) {
    if (!(error instanceof PostgresFailure) || error.sqlstate !== "42501") throw error;
    const message =
      "the user of POSTGRES_DSN may not make a schema to work in: an administrator says GRANT CREATE ON DATABASE … TO … (the schema is removed afterwards)";
    throw new PostgresFailure("other", message, { certainty: "undone", sqlstate: error.sqlstate });
  }
}

async function removeLeftBehind(keeper: PostgresConnection): Promise<void> {
  for (const [name] of await keeper.query(LEFT_BEHIND)) {
    const [row] = await keeper.query(LOCK, [name ?? ""]);
    if (row?.[0] === "t") await drop(keeper, name ?? "");
  }
}

async function remove(keeper: PostgresConnection, target: PostgresTarget, schema: string): Promise<void> {
  if (!keeper.lost) return drop(keeper, schema);
  const another = await PostgresConnection.open(target, LIMITS);
  try {
    await drop(another, schema);
  } finally {
    await another.close();
  }
}

function drop(connection: PostgresConnection, schema: string): Promise<void> {
  return connection.run(`DROP SCHEMA IF EXISTS "${schema.replaceAll('"', '""')}" CASCADE`);
}
