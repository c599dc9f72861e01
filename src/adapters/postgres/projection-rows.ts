/** What is derived from one log, as rows: the checkpoint in `checkpoints`, the state beside it. */
import type { PoisonedEvent } from "../../core/projection/fold-events.js";
import { MAX_STATE_BYTES } from "../../core/projection/projected-state.js";
import type { Snapshot } from "../../core/projection/snapshot.js";
import { canonicalJson } from "../../core/tape/canonical-json.js";
import { storedStream, streamWithinLog } from "../../core/tape/names.js";
import type { ProjectionHead, ProjectionKey, ProjectionRecord } from "../../ports/projection-store.js";
import { HEAD_COLUMNS, headFrom, headValues, type RowReader } from "../event-store/projection-head-row.js";
import type { PostgresRow, PostgresValue } from "./postgres-connection.js";
import type { Ask } from "./postgres-log.js";
import { integerAt, textAt } from "./postgres-log.js";

const HEAD =
  "p.name, p.generation, p.role, p.code_version, c.position, p.event_hash, p.events, p.as_of_at, p.as_of_id, p.state_hash, p.halted, p.parked, c.updated_at, p.lease_epoch, p.lease_owner, p.lease_until";
const FROM =
  "FROM projections p JOIN checkpoints c ON c.log_id = p.log_id AND c.consumer = p.name || '@' || p.generation WHERE p.log_id = $1";
const SNAPSHOT = "stream, version, state::text, state_hash, global_position, code_version, head_hash, as_of_at, as_of_id, seal";
const KEYED = "log_id = $1 AND name = $2 AND generation = $3";

const placeholders = (from: number, count: number): string => Array.from({ length: count }, (_, i) => `$${from + i}`).join(", ");
const PUT = `INSERT INTO projections (log_id, name, generation, ${HEAD_COLUMNS.join(", ")}, state) VALUES (${placeholders(1, 16)})
ON CONFLICT ON CONSTRAINT projections_key DO UPDATE SET ${[...HEAD_COLUMNS, "state"].map((column) => `${column} = excluded.${column}`).join(", ")}`;
const PUT_HEAD = `UPDATE projections SET ${HEAD_COLUMNS.map((column, i) => `${column} = $${i + 4}`).join(", ")} WHERE ${KEYED}`;

/** Reads and writes of one log's projections and snapshots, through whatever connection they are asked over. */
export class ProjectionRows {
  readonly #log: string;
  readonly #ask: Ask;

  constructor(log: string, ask: Ask) {
    this.#log = log;
    this.#ask = ask;
  }

  /** Holds off everybody else who changes what is derived from the log, until the transaction ends. */
  async lock(): Promise<void> {
    await this.#ask("SELECT pg_advisory_xact_lock(hashtextextended('onetape projections ' || $1, 0))", [this.#log]);
  }

  async heads(): Promise<readonly ProjectionHead[]> {
    return (await this.#ask(`SELECT ${HEAD} ${FROM} ORDER BY p.name, p.generation`, [this.#log])).map(toHead);
  }

  async head(key: ProjectionKey): Promise<ProjectionHead | null> {
    const [row] = await this.#ask(`SELECT ${HEAD} ${FROM} AND p.name = $2 AND p.generation = $3`, this.#key(key));
    return row === undefined ? null : toHead(row);
  }

  async record(key: ProjectionKey): Promise<ProjectionRecord | null> {
    const [row] = await this.#ask(`SELECT ${HEAD}, p.state ${FROM} AND p.name = $2 AND p.generation = $3`, this.#key(key));
    return row === undefined ? null : { ...toHead(row), state: textAt(row, 16) };
  }

  /** Adds a record or takes the place of the one of its key. */
  async put(record: ProjectionRecord): Promise<void> {
    await this.#ask(PUT, [...this.#key(record), ...headValues(record), record.state], "onetape_projection_put");
    const newest = `INSERT INTO projection_builds (log_id, name, newest) VALUES ($1, $2, $3)
ON CONFLICT (log_id, name) DO UPDATE SET newest = greatest(projection_builds.newest, excluded.newest)`;
    await this.#ask(newest, this.#key(record), "onetape_projection_build");
    await this.#checkpoint(record);
  }

  /** Replaces all of a head but its state. */
  async putHead(head: ProjectionHead): Promise<void> {
    await this.#ask(PUT_HEAD, [...this.#key(head), ...headValues(head)]);
    await this.#checkpoint(head);
  }

  async remove(key: ProjectionKey): Promise<void> {
    for (const table of ["projections", "projection_parked"]) await this.#ask(`DELETE FROM ${table} WHERE ${KEYED}`, this.#key(key));
    await this.#ask("DELETE FROM checkpoints WHERE log_id = $1 AND consumer = $2", [this.#log, consumerOf(key)]);
  }

  /** Ever used generation of a name, 0 where there is none. */
  async newestGeneration(name: string): Promise<number> {
    const [row] = await this.#ask("SELECT newest FROM projection_builds WHERE log_id = $1 AND name = $2", [this.#log, name]);
    return row === undefined ? 0 : integerAt(row, 0);
  }

  async parked(key: ProjectionKey): Promise<readonly PoisonedEvent[]> {
    const sql = `SELECT position, event_id, type, reason FROM projection_parked WHERE ${KEYED} ORDER BY position`;
    return (await this.#ask(sql, this.#key(key))).map((row) => ({
      position: integerAt(row, 0),
      event_id: textAt(row, 1),
      type: textAt(row, 2),
      reason: textAt(row, 3),
    }));
  }

  async parkedUpTo(key: ProjectionKey, position: number): Promise<number> {
    const [row] = await this.#ask(`SELECT count(*) FROM projection_parked WHERE ${KEYED} AND position <= $4`, [
      ...this.#key(key),
      position,
    ]);
    return row === undefined ? 0 : integerAt(row, 0);
  }

  async replaceParked(key: ProjectionKey, after: number, events: readonly PoisonedEvent[]): Promise<void> {
    await this.#ask(`DELETE FROM projection_parked WHERE ${KEYED} AND position > $4`, [...this.#key(key), after]);
    for (const { position, event_id, type, reason } of events) {
      const sql =
        "INSERT INTO projection_parked (log_id, name, generation, position, event_id, type, reason) VALUES ($1, $2, $3, $4, $5, $6, $7)";
      await this.#ask(sql, [...this.#key(key), position, event_id, type, reason]);
    }
  }

  /** Newest position first. */
  async snapshots(stream: string): Promise<readonly Snapshot[]> {
    const both = ["snapshots", "snapshot_history"].map((table) => `SELECT ${SNAPSHOT} FROM ${table} WHERE stream = $1`);
    const rows = await this.#ask(`${both.join(" UNION ALL ")} ORDER BY 5 DESC`, [storedStream(this.#log, stream)]);
    return rows.map((row) => toSnapshot(this.#log, row));
  }

  async newestSnapshots(): Promise<readonly Snapshot[]> {
    const rows = await this.#ask(`SELECT ${SNAPSHOT} FROM snapshots WHERE starts_with(stream, $1) ORDER BY stream`, [`${this.#log}/`]);
    return rows.map((row) => toSnapshot(this.#log, row));
  }

  /** Replaces every snapshot of a stream; newest position first. */
  async replaceSnapshots(stream: string, snapshots: readonly Snapshot[]): Promise<void> {
    const name = storedStream(this.#log, stream);
    for (const table of ["snapshots", "snapshot_history"]) await this.#ask(`DELETE FROM ${table} WHERE stream = $1`, [name]);
    for (const [i, snapshot] of snapshots.entries()) {
      const { version, state, state_hash, position, code_version, head_hash, as_of, seal } = snapshot;
      const sql = `INSERT INTO ${i === 0 ? "snapshots" : "snapshot_history"}
(stream, version, state, state_hash, global_position, code_version, head_hash, as_of_at, as_of_id, seal) VALUES (${placeholders(1, 10)})`;
      const made = [name, version, state, state_hash, position, code_version, head_hash];
      await this.#ask(sql, [...made, as_of?.occurred_at ?? null, as_of?.id ?? null, seal]);
    }
  }

  async #checkpoint(head: ProjectionHead): Promise<void> {
    const sql = `INSERT INTO checkpoints (consumer, log_id, position, updated_at) VALUES ($1, $2, $3, $4)
ON CONFLICT (consumer, log_id) DO UPDATE SET position = excluded.position, updated_at = excluded.updated_at`;
    await this.#ask(sql, [consumerOf(head), this.#log, head.position, head.updated_at], "onetape_checkpoint");
  }

  #key({ name, generation }: ProjectionKey): readonly PostgresValue[] {
    return [this.#log, name, generation];
  }
}

function consumerOf({ name, generation }: ProjectionKey): string {
  return `${name}@${generation}`;
}

function toHead(row: PostgresRow): ProjectionHead {
  return headFrom(row, ROWS);
}

const ROWS: RowReader<PostgresRow> = { textAt, integerAt, isNull: (row, index) => row[index] === null };

/** A row by hand may lack what makes a snapshot credible; it then has an empty seal, which nothing matches. */
function toSnapshot(log: string, row: PostgresRow): Snapshot {
  const stream = textAt(row, 0);
  const text = textAt(row, 2);
  const state = canonicalJson(parsed(text), 1, MAX_STATE_BYTES);
  return {
    stream: streamWithinLog(log, stream) ?? stream,
    version: integerAt(row, 1),
    // JSONB forgot how the state was written; a state that has no canonical text is shown as it is, and matches no hash.
    state: state.ok ? state.text : text,
    state_hash: textAt(row, 3),
    position: integerAt(row, 4),
    code_version: textAt(row, 5),
    head_hash: row[6] ?? "",
    as_of: row[7] === null ? null : { occurred_at: integerAt(row, 7), id: row[8] ?? "" },
    seal: row[9] ?? "",
  };
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return null;
  }
}
