import type { Anchor } from "../../core/tape/event.js";
import type { LogLayout } from "../../ports/event-store.js";
import type { LogStanding } from "../event-store/log-backend.js";
import { BackendFailure } from "../event-store/log-backend.js";
import type { ProjectionTables } from "../event-store/projection-tables.js";
import type { AnchorFile } from "./anchor-file.js";
import { flushFile } from "./flush-file.js";
import { asAscii, integerAt, textAt } from "./sqlite-columns.js";
import type { SqliteConnection, SqliteStatement, SqlRow, SqlValue } from "./sqlite-driver.js";
import { SqliteProjectionTables } from "./sqlite-projection-tables.js";

const STANDING = `SELECT position, ${asAscii("head_hash", "content_hash", "audit_hash")}, epoch, updated_at FROM log_head WHERE log_id = ?`;
const INSERT_ANCHOR =
  "INSERT INTO anchors (log_id, first_position, position, hash, content_hash, audit_hash, epoch, recorded_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)";
const SELECT_ANCHORS = `SELECT first_position, position, ${asAscii("hash", "content_hash", "audit_hash")}, epoch, recorded_at FROM anchors WHERE log_id = ? ORDER BY position`;
const MOVE_HEAD =
  "UPDATE log_head SET position = ?, head_hash = ?, content_hash = ?, audit_hash = ?, epoch = max(epoch, ?), updated_at = ? WHERE log_id = ? AND position = ?";

/** What closing owes: nothing (a reader), tidiness (every commit was durable), or to flush the file, whose commits were left to the operating system. */
export type Closing = "reader" | "tidy" | { readonly flush: string };

/** What rows and segments share: the transaction, the head, anchors inside and outside the file. */
export class SqliteLog {
  readonly log: string;
  readonly layout: LogLayout;
  readonly connection: SqliteConnection;
  readonly #anchorFile: AnchorFile;
  readonly #closing: Closing;
  readonly #statements = new Map<string, SqliteStatement>();
  #projections: SqliteProjectionTables | null = null;
  #writing = false;
  #closed = false;

  constructor(log: string, layout: LogLayout, connection: SqliteConnection, anchorFile: AnchorFile, closing: Closing) {
    this.log = log;
    this.layout = layout;
    this.connection = connection;
    this.#anchorFile = anchorFile;
    this.#closing = closing;
  }

  begin(): LogStanding {
    this.connection.exec("BEGIN IMMEDIATE");
    this.#writing = true;
    return this.standing();
  }

  commit(): void {
    this.connection.exec("COMMIT");
    this.#writing = false;
  }

  /** Harmless where nothing is open: SQLite itself rolls back after some failures. */
  rollback(): void {
    if (!this.#writing) return;
    this.#writing = false;
    // Tables that the transaction made are gone with it.
    this.#projections = null;
    try {
      this.connection.exec("ROLLBACK");
    } catch (error) {
      if (!(error instanceof BackendFailure && error.message.includes("no transaction is active"))) throw error;
    }
  }

  /** Adds the anchor and moves the head, in the open transaction. A copied block may come from a later epoch than the copy's own. */
  insertAnchor(anchor: Anchor): void {
    const { first_position, position, hash, content_hash, audit_hash, epoch, recorded_at } = anchor;
    this.run(INSERT_ANCHOR, [this.log, first_position, position, hash, content_hash, audit_hash, epoch, recorded_at]);
    this.run(MOVE_HEAD, [position, hash, content_hash, audit_hash, epoch, recorded_at, this.log, first_position - 1]);
  }

  publish(anchor: Anchor): void {
    this.#anchorFile.append(anchor);
  }

  /** The log's projections, ready to be written in the open transaction. */
  projections(): ProjectionTables {
    this.#projections ??= new SqliteProjectionTables(this.log, this, () => {});
    this.#projections.make();
    return this.#projections;
  }

  standing(): LogStanding {
    const row = this.all(STANDING, [this.log])[0];
    if (row === undefined) throw new BackendFailure("corrupt", `the store has no head of the log ${this.log}`, null, undefined);
    return {
      head: { position: integerAt(row, 0), hash: textAt(row, 1), content_hash: textAt(row, 2) },
      audit_hash: textAt(row, 3),
      epoch: integerAt(row, 4),
      recorded_at: integerAt(row, 5),
    };
  }

  anchors(): readonly Anchor[] {
    return this.all(SELECT_ANCHORS, [this.log]).map((row) => ({
      log: this.log,
      first_position: integerAt(row, 0),
      position: integerAt(row, 1),
      hash: textAt(row, 2),
      content_hash: textAt(row, 3),
      audit_hash: textAt(row, 4),
      epoch: integerAt(row, 5),
      recorded_at: integerAt(row, 6),
    }));
  }

  /** Anchors of this log in the file beside the store. */
  published(): readonly Anchor[] | "missing" {
    const anchors = this.#anchorFile.read();
    return anchors === "missing" ? anchors : anchors.filter((anchor) => anchor.log === this.log);
  }

  exec(sql: string): void {
    this.connection.exec(sql);
  }

  run(sql: string, values: readonly SqlValue[]): void {
    this.#statement(sql).run(values);
  }

  all(sql: string, values: readonly SqlValue[]): readonly SqlRow[] {
    return this.#statement(sql).all(values);
  }

  /** @throws {BackendFailure} when commits that were left to the operating system could not be made durable. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    try {
      this.rollback();
      if (this.#closing !== "reader") this.#settle();
    } finally {
      this.connection.close();
      this.#anchorFile.close();
    }
    // Not before: to close a second descriptor of a file gives up the locks that the first one holds.
    if (typeof this.#closing === "object") flushFile(this.#closing.flush);
  }

  /** Moves what waits in a write-ahead log into the file, so that the file alone is the log and nothing waits for a driver to let go of it. */
  #settle(): void {
    try {
      // Everything is durable already: a reader that is in the way is not worth waiting for.
      if (this.#closing === "tidy") this.connection.exec("PRAGMA busy_timeout = 0");
      this.connection.exec("PRAGMA synchronous = FULL");
      this.connection.exec("PRAGMA wal_checkpoint(TRUNCATE)");
    } catch (error) {
      // What was durable at its commit stays so in the write-ahead log; anything else would now be promised in vain.
      if (this.#closing !== "tidy" || !(error instanceof BackendFailure)) throw error;
    }
  }

  #statement(sql: string): SqliteStatement {
    const known = this.#statements.get(sql);
    if (known !== undefined) return known;
    const statement = this.connection.prepare(sql);
    this.#statements.set(sql, statement);
    return statement;
  }
}
