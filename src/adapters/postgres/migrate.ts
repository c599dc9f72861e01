import type { Sha256Fn } from "../../core/tape/hash.js";
import type { Migration } from "./migrations.js";
import { migrations } from "./migrations.js";
import type { PostgresConnection } from "./postgres-connection.js";

/** Any number, the same for every Onetape: two that migrate one database go one after the other. */
const LOCK = 727_069_831;

const TABLE = `CREATE TABLE IF NOT EXISTS schema_migrations (
  version INTEGER NOT NULL PRIMARY KEY,
  name TEXT NOT NULL,
  checksum TEXT NOT NULL,
  applied_at TIMESTAMPTZ NOT NULL DEFAULT now()
)`;

/** A step with the checksum that a database keeps of it. */
export interface PlannedMigration extends Migration {
  readonly checksum: string;
}

/** Where a database stands, seen from this Onetape. */
export type MigrationState =
  | { readonly kind: "planned"; readonly applied: readonly PlannedMigration[]; readonly pending: readonly PlannedMigration[] }
  /** A newer Onetape migrated it. */
  | { readonly kind: "newer"; readonly store_version: number; readonly supported_version: number }
  /** A step that it took is not the one that this Onetape knows under the number. */
  | { readonly kind: "tampered"; readonly version: number; readonly expected: string; readonly actual: string };

/** What the database took, and what is left to do. Changes nothing. @throws {PostgresFailure} */
export async function planMigrations(
  connection: PostgresConnection,
  sha256: Sha256Fn,
  known: readonly Migration[] = migrations,
): Promise<MigrationState> {
  const steps = known.map((step) => ({ ...step, checksum: checksumOf(step, sha256) }));
  const taken = await takenMigrations(connection);
  const newest = taken.at(-1)?.version ?? 0;
  if (newest > steps.length) return { kind: "newer", store_version: newest, supported_version: steps.length };
  for (const [i, step] of steps.slice(0, newest).entries()) {
    const actual = taken[i];
    if (actual?.version !== step.version || actual.checksum !== step.checksum) {
      const found = actual?.version === step.version ? actual.checksum : "no such step";
      return { kind: "tampered", version: step.version, expected: step.checksum, actual: found };
    }
  }
  return { kind: "planned", applied: steps.slice(0, newest), pending: steps.slice(newest) };
}

/** Takes every step that is left, each in a transaction of its own, under a lock that holds off other Onetapes. @throws {PostgresFailure} */
export async function applyMigrations(
  connection: PostgresConnection,
  sha256: Sha256Fn,
  known: readonly Migration[] = migrations,
): Promise<MigrationState> {
  await connection.query("SELECT pg_advisory_lock($1)", [LOCK]);
  try {
    const state = await planMigrations(connection, sha256, known);
    if (state.kind !== "planned") return state;
    for (const step of state.pending) {
      await connection.transaction("BEGIN", async () => {
        await connection.run(TABLE);
        await connection.run(step.sql);
        await connection.query("INSERT INTO schema_migrations (version, name, checksum) VALUES ($1, $2, $3)", [
          step.version,
          step.name,
          step.checksum,
        ]);
      });
    }
    return state;
  } finally {
    if (!connection.lost) await connection.query("SELECT pg_advisory_unlock($1)", [LOCK]);
  }
}

/** What a database keeps of a step. */
export function checksumOf(step: Migration, sha256: Sha256Fn): string {
  return sha256(`onetape:migration:v1\n${step.version}\n${step.name}\n${step.sql}`);
}

async function takenMigrations(
  connection: PostgresConnection,
): Promise<readonly { readonly version: number; readonly checksum: string }[]> {
  const there = await connection.query("SELECT to_regclass('schema_migrations') IS NOT NULL");
  if (there[0]?.[0] !== "t") return [];
  const rows = await connection.query("SELECT version, checksum FROM schema_migrations ORDER BY version");
  return rows.map(([version, checksum]) => ({ version: Number(version), checksum: checksum ?? "" }));
}
