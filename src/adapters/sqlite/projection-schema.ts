import type { SqlRow, SqlValue } from "./sqlite-driver.js";

/** The statements of one connection. */
export interface SqlRunner {
  exec(sql: string): void;
  run(sql: string, values: readonly SqlValue[]): void;
  all(sql: string, values: readonly SqlValue[]): readonly SqlRow[];
}

const SNAPSHOT_COLUMNS = "head_hash TEXT, as_of_at INTEGER, as_of_id TEXT, seal TEXT".split(", ");

/**
 * Tables of what is derived from the log. They are made when first needed and hold nothing that cannot be built again, so they have no
 * part in the store's version: a program that does not know them leaves them alone.
 */
const DERIVED: readonly string[] = [
  `CREATE TABLE IF NOT EXISTS projections (
  log_id TEXT NOT NULL,
  name TEXT NOT NULL,
  generation INTEGER NOT NULL,
  role TEXT NOT NULL CHECK (role IN ('active', 'building')),
  code_version TEXT NOT NULL,
  event_hash TEXT NOT NULL,
  events INTEGER NOT NULL,
  as_of_at INTEGER,
  as_of_id TEXT,
  state TEXT NOT NULL,
  state_hash TEXT NOT NULL,
  halted TEXT,
  parked INTEGER NOT NULL,
  lease_epoch INTEGER NOT NULL,
  lease_owner TEXT,
  lease_until INTEGER,
  PRIMARY KEY (log_id, name, generation),
  UNIQUE (log_id, name, role)
) STRICT`,
  `CREATE TABLE IF NOT EXISTS projection_builds (
  log_id TEXT NOT NULL,
  name TEXT NOT NULL,
  newest INTEGER NOT NULL,
  PRIMARY KEY (log_id, name)
) STRICT`,
  `CREATE TABLE IF NOT EXISTS projection_parked (
  log_id TEXT NOT NULL,
  name TEXT NOT NULL,
  generation INTEGER NOT NULL,
  position INTEGER NOT NULL,
  event_id TEXT NOT NULL,
  type TEXT NOT NULL,
  reason TEXT NOT NULL,
  PRIMARY KEY (log_id, name, generation, position)
) STRICT`,
  `CREATE TABLE IF NOT EXISTS snapshot_history (
  stream TEXT NOT NULL,
  version INTEGER NOT NULL,
  state TEXT NOT NULL,
  created_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now')),
  state_hash TEXT NOT NULL,
  global_position INTEGER NOT NULL,
  code_version TEXT NOT NULL,
  ${SNAPSHOT_COLUMNS.join(",\n  ")},
  PRIMARY KEY (stream, global_position)
) STRICT`,
];

/** Whether the derived tables are there. */
export function hasDerivedTables(sql: SqlRunner): boolean {
  return sql.all("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'snapshot_history'", []).length > 0;
}

/** Makes the derived tables, inside the caller's transaction. */
export function createDerivedTables(sql: SqlRunner): void {
  const columns = new Set(sql.all("SELECT name FROM pragma_table_info('snapshots')", []).map(([name]) => name));
  for (const column of SNAPSHOT_COLUMNS) {
    if (!columns.has(column.split(" ")[0] ?? "")) sql.exec(`ALTER TABLE snapshots ADD COLUMN ${column}`);
  }
  for (const table of DERIVED) sql.exec(table);
}
