import type { PoisonedEvent } from "../../core/projection/fold-events.js";
import type { Snapshot } from "../../core/projection/snapshot.js";
import { storedStream, streamWithinLog } from "../../core/tape/names.js";
import type { ProjectionHead, ProjectionKey, ProjectionRecord } from "../../ports/projection-store.js";
import { BackendFailure } from "../event-store/log-backend.js";
import { HEAD_COLUMNS, headFrom, headValues, type RowReader } from "../event-store/projection-head-row.js";
import type { ProjectionTables } from "../event-store/projection-tables.js";
import { createDerivedTables, hasDerivedTables, type SqlRunner } from "./projection-schema.js";
import { asBytes, integerAt, textAt } from "./sqlite-columns.js";
import type { SqlRow, SqlValue } from "./sqlite-driver.js";

const text = (...columns: readonly string[]): string => columns.map((column) => asBytes(column)).join(", ");

const HEAD = `${text("p.name")}, p.generation, ${text("p.role", "p.code_version")}, c.position, ${text("p.event_hash")}, p.events, p.as_of_at, ${text("p.as_of_id", "p.state_hash", "p.halted")}, p.parked, c.updated_at, p.lease_epoch, ${text("p.lease_owner")}, p.lease_until`;
const FROM =
  "FROM projections p JOIN checkpoints c ON c.log_id = p.log_id AND c.consumer = p.name || '@' || p.generation WHERE p.log_id = ?";
const SNAPSHOT = `${text("stream")}, version, ${text("state", "state_hash")}, global_position, ${text("code_version", "head_hash")}, as_of_at, ${text("as_of_id", "seal")}`;
const SNAPSHOT_VALUES =
  "(stream, version, state, state_hash, global_position, code_version, head_hash, as_of_at, as_of_id, seal) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";

/** Projections and snapshots in the file of their log: the checkpoint in `checkpoints`, the state beside it. */
export class SqliteProjectionTables implements ProjectionTables {
  readonly #log: string;
  readonly #sql: SqlRunner;
  readonly #close: () => void;
  #made = false;

  constructor(log: string, sql: SqlRunner, close: () => void) {
    this.#log = log;
    this.#sql = sql;
    this.#close = close;
  }

  transact<T>(work: () => T): T {
    this.#sql.exec("BEGIN IMMEDIATE");
    let open = true;
    try {
      this.make();
      const result = work();
      this.#sql.exec("COMMIT");
      open = false;
      return result;
    } finally {
      if (open) this.#rollback();
    }
  }

  /** Makes the tables in the open transaction, where they are not there yet. */
  make(): void {
    if (this.#there()) return;
    createDerivedTables(this.#sql);
  }

  heads(): readonly ProjectionHead[] {
    return this.#all(`SELECT ${HEAD} ${FROM} ORDER BY p.name, p.generation`, [this.#log]).map(toHead);
  }

  head({ name, generation }: ProjectionKey): ProjectionHead | null {
    const row = this.#all(`SELECT ${HEAD} ${FROM} AND p.name = ? AND p.generation = ?`, [this.#log, name, generation])[0];
    return row === undefined ? null : toHead(row);
  }

  record({ name, generation }: ProjectionKey): ProjectionRecord | null {
    const sql = `SELECT ${HEAD}, ${text("p.state")} ${FROM} AND p.name = ? AND p.generation = ?`;
    const row = this.#all(sql, [this.#log, name, generation])[0];
    return row === undefined ? null : { ...toHead(row), state: textAt(row, 16) };
  }

  put(record: ProjectionRecord): void {
    const { name, generation, state } = record;
    const columns = [...HEAD_COLUMNS, "state"];
    const updates = columns.map((column) => `${column} = excluded.${column}`).join(", ");
    this.#sql.run(
      `INSERT INTO projections (log_id, name, generation, ${columns.join(", ")}) VALUES (?, ?, ?, ${columns.map(() => "?").join(", ")}) ON CONFLICT (log_id, name, generation) DO UPDATE SET ${updates}`,
      [this.#log, name, generation, ...headValues(record), state],
    );
    this.#sql.run(
      "INSERT INTO projection_builds (log_id, name, newest) VALUES (?, ?, ?) ON CONFLICT (log_id, name) DO UPDATE SET newest = max(newest, excluded.newest)",
      [this.#log, name, generation],
    );
    this.#checkpoint(record);
  }

  putHead(head: ProjectionHead): void {
    const { name, generation } = head;
    this.#sql.run(
      `UPDATE projections SET ${HEAD_COLUMNS.map((column) => `${column} = ?`).join(", ")} WHERE log_id = ? AND name = ? AND generation = ?`,
      [...headValues(head), this.#log, name, generation],
    );
    this.#checkpoint(head);
  }

  remove({ name, generation }: ProjectionKey): void {
    const key = [this.#log, name, generation];
    this.#sql.run("DELETE FROM projections WHERE log_id = ? AND name = ? AND generation = ?", key);
    this.#sql.run("DELETE FROM projection_parked WHERE log_id = ? AND name = ? AND generation = ?", key);
    this.#sql.run("DELETE FROM checkpoints WHERE log_id = ? AND consumer = ?", [this.#log, `${name}@${generation}`]);
  }

  newestGeneration(name: string): number {
    const row = this.#all("SELECT newest FROM projection_builds WHERE log_id = ? AND name = ?", [this.#log, name])[0];
    return row === undefined ? 0 : integerAt(row, 0);
  }

  parked({ name, generation }: ProjectionKey): readonly PoisonedEvent[] {
    const sql = `SELECT position, ${text("event_id", "type", "reason")} FROM projection_parked WHERE log_id = ? AND name = ? AND generation = ? ORDER BY position`;
    return this.#all(sql, [this.#log, name, generation]).map((row) => ({
      position: integerAt(row, 0),
      event_id: textAt(row, 1),
      type: textAt(row, 2),
      reason: textAt(row, 3),
    }));
  }

  parkedUpTo({ name, generation }: ProjectionKey, position: number): number {
    const sql = "SELECT count(*) FROM projection_parked WHERE log_id = ? AND name = ? AND generation = ? AND position <= ?";
    const row = this.#all(sql, [this.#log, name, generation, position])[0];
    return row === undefined ? 0 : integerAt(row, 0);
  }

  replaceParked({ name, generation }: ProjectionKey, after: number, events: readonly PoisonedEvent[]): void {
    const key = [this.#log, name, generation];
    this.#sql.run("DELETE FROM projection_parked WHERE log_id = ? AND name = ? AND generation = ? AND position > ?", [...key, after]);
    for (const { position, event_id, type, reason } of events) {
      const sql = "INSERT INTO projection_parked (log_id, name, generation, position, event_id, type, reason) VALUES (?, ?, ?, ?, ?, ?, ?)";
      this.#sql.run(sql, [...key, position, event_id, type, reason]);
    }
  }

  snapshots(stream: string): readonly Snapshot[] {
    const name = storedStream(this.#log, stream);
    return this.#all(
      `SELECT ${SNAPSHOT} FROM snapshots WHERE stream = ? UNION ALL SELECT ${SNAPSHOT} FROM snapshot_history WHERE stream = ? ORDER BY 5 DESC`,
      [name, name],
    ).map((row) => toSnapshot(this.#log, row));
  }

  newestSnapshots(): readonly Snapshot[] {
    return this.#all(`SELECT ${SNAPSHOT} FROM snapshots ORDER BY stream`, []).map((row) => toSnapshot(this.#log, row));
  }

  replaceSnapshots(stream: string, snapshots: readonly Snapshot[]): void {
    const name = storedStream(this.#log, stream);
    for (const table of ["snapshots", "snapshot_history"]) this.#sql.run(`DELETE FROM ${table} WHERE stream = ?`, [name]);
    for (const [i, snapshot] of snapshots.entries()) {
      const { version, state, state_hash, position, code_version, head_hash, as_of, seal } = snapshot;
      const values = [name, version, state, state_hash, position, code_version, head_hash, as_of?.occurred_at ?? null, as_of?.id ?? null];
      this.#sql.run(`INSERT INTO ${i === 0 ? "snapshots" : "snapshot_history"} ${SNAPSHOT_VALUES}`, [...values, seal]);
    }
  }

  close(): void {
    this.#close();
  }

  #checkpoint({ name, generation, position, updated_at }: ProjectionHead): void {
    this.#sql.run(
      "INSERT INTO checkpoints (consumer, log_id, position, updated_at) VALUES (?, ?, ?, ?) ON CONFLICT (consumer, log_id) DO UPDATE SET position = excluded.position, updated_at = excluded.updated_at",
      [`${name}@${generation}`, this.#log, position, updated_at],
    );
  }

  /** Reads tables that may not be there yet. */
  #all(sql: string, values: readonly SqlValue[]): readonly SqlRow[] {
    return this.#there() ? this.#sql.all(sql, values) : [];
  }

  /** They are looked for until they are found: another process may make them, and a rollback takes them back. */
  #there(): boolean {
    this.#made = this.#made || hasDerivedTables(this.#sql);
    return this.#made;
  }

  #rollback(): void {
    this.#made = false;
    try {
      this.#sql.exec("ROLLBACK");
    } catch (error) {
      // After some failures SQLite has rolled back by itself.
      if (!(error instanceof BackendFailure && error.message.includes("no transaction is active"))) throw error;
    }
  }
}

function toHead(row: SqlRow): ProjectionHead {
  return headFrom(row, ROWS);
}

const ROWS: RowReader<SqlRow> = { textAt, integerAt, isNull: (row, index) => row[index] === null };

/** A row by hand may lack what makes a snapshot credible; it then has an empty seal, which nothing matches. */
function toSnapshot(log: string, row: SqlRow): Snapshot {
  const optional = (column: number): string => (row[column] === null ? "" : textAt(row, column));
  const stream = textAt(row, 0);
  return {
    stream: streamWithinLog(log, stream) ?? stream,
    version: integerAt(row, 1),
    state: textAt(row, 2),
    state_hash: textAt(row, 3),
    position: integerAt(row, 4),
    code_version: textAt(row, 5),
    head_hash: optional(6),
    as_of: row[7] === null ? null : { occurred_at: integerAt(row, 7), id: optional(8) },
    seal: optional(9),
  };
}
