import { setTimeout as sleep } from "node:timers/promises";
import type { Anchor, Head } from "../../core/tape/event.js";
import { GENESIS_HASH } from "../../core/tape/hash.js";
import type { Durability, LogLayout, OpenOutcome } from "../../ports/event-store.js";
import type { LogStanding } from "../event-store/log-backend.js";
import { BackendFailure } from "../event-store/log-backend.js";
import type { AnchorFile } from "./anchor-file.js";
import { asAscii, integerAt, textAt } from "./sqlite-columns.js";
import type { SqliteConnection, SqliteDriver } from "./sqlite-driver.js";
import { SqliteLog } from "./sqlite-log.js";
import { createSchema, readSchema, STORE_VERSION } from "./sqlite-schema.js";

export interface OpenLogRequest {
  readonly driver: SqliteDriver;
  readonly path: string;
  readonly log: string;
  /** Used when the log is new. */
  readonly layout: LogLayout;
  readonly durability: Durability;
  readonly busy_timeout_ms: number;
  readonly max_pages: number | null;
  readonly expected_head: { readonly position: number; readonly hash: string } | null;
  readonly now: () => number;
  readonly anchorFile: AnchorFile;
}

/** A log whose file passed every check, or why it may not be used. */
export type OpenedLog =
  | {
      readonly kind: "ready";
      readonly connection: SqliteConnection;
      readonly layout: LogLayout;
      readonly epoch: number | null;
      readonly anchorFile: AnchorFile;
    }
  | Refusal;

type Refusal = Exclude<OpenOutcome, { readonly kind: "opened" }>;

const RETRY_MS = 20;

/**
 * Opens or creates a log and raises its epoch, which fences the writer before.
 *
 * Head, last event, last anchor and the anchor file must agree: a writer never goes on where the tape does not end as it should.
 *
 * @throws {BackendFailure}
 */
export async function openForWriting(request: OpenLogRequest): Promise<OpenedLog> {
  const connection = request.driver.open(request.path);
  let ready = false;
  try {
    connection.exec(`PRAGMA busy_timeout = ${Math.trunc(request.busy_timeout_ms)}`);
    const refused = refuseSchema(connection);
    if (refused !== null) return refused;
    await retryWhileBusy(() => configure(connection, request), request.busy_timeout_ms);
    connection.exec("BEGIN IMMEDIATE");
    const taken = takeOver(connection, request);
    if (taken.kind !== "ready") {
      connection.exec("ROLLBACK");
      return taken;
    }
    connection.exec("COMMIT");
    request.anchorFile.openForAppend(taken.anchors);
    ready = true;
    return { kind: "ready", connection, layout: taken.layout, epoch: taken.epoch, anchorFile: request.anchorFile };
  } finally {
    if (!ready) connection.close();
  }
}

/** Opens a log to look at it. Damage does not keep it from opening: finding damage is what reading is for. @throws {BackendFailure} */
export function openForReading(request: OpenLogRequest): OpenedLog {
  const connection = request.driver.open(request.path);
  let ready = false;
  try {
    connection.exec(`PRAGMA busy_timeout = ${Math.trunc(request.busy_timeout_ms)}`);
    connection.exec("PRAGMA query_only = ON");
    const refused = refuseSchema(connection);
    if (refused !== null) return refused;
    const layout = readLayout(connection, request.log);
    if (layout === null) return { kind: "not_found", log: request.log };
    const { head } = new SqliteLog(request.log, layout, connection, request.anchorFile, "reader").standing();
    const elsewhere = refuseHead(head, request.expected_head);
    if (elsewhere !== null) return elsewhere;
    ready = true;
    return { kind: "ready", connection, layout, epoch: null, anchorFile: request.anchorFile };
  } finally {
    if (!ready) connection.close();
  }
}

function refuseSchema(connection: SqliteConnection): Refusal | null {
  const state = readSchema(connection);
  if (state.kind === "foreign") return { kind: "corrupt", position: null, cause: state.cause };
  if (state.kind === "version" && state.version > STORE_VERSION) {
    return { kind: "newer_version", store_version: state.version, supported_version: STORE_VERSION };
  }
  return null;
}

/** 16 MiB of write-ahead log between two checkpoints: each is a wait for the disk in the middle of a run. */
const CHECKPOINT_PAGES = 4_096;

/**
 * How commits reach the file. A write-ahead log is flushed at every commit, or waits for the next checkpoint; it writes every byte twice.
 * Segments that are durable only when the log is closed go to their place at once, with the old pages in a journal that a process that
 * is killed leaves behind: the next one to open the file rolls back by it.
 */
interface Journal {
  readonly mode: "wal" | "truncate";
  readonly synchronous: 0 | 1 | 2;
}

function journalOf(connection: SqliteConnection, request: OpenLogRequest): Journal {
  if (request.durability === "durable") return { mode: "wal", synchronous: 2 };
  const written = readSchema(connection).kind !== "empty";
  const layout = written ? readLayout(connection, request.log) : request.layout;
  // Changing the mode of a file that others may be reading would have to wait for them.
  const ahead = written && connection.prepare("PRAGMA journal_mode").all([])[0]?.[0] === "wal";
  return layout === "segments" && !ahead ? { mode: "truncate", synchronous: 0 } : { mode: "wal", synchronous: 1 };
}

function configure(connection: SqliteConnection, request: OpenLogRequest): void {
  const { mode, synchronous } = journalOf(connection, request);
  connection.exec(`PRAGMA synchronous = ${synchronous}`);
  connection.exec(`PRAGMA wal_autocheckpoint = ${CHECKPOINT_PAGES}`);
  if (request.max_pages !== null) connection.exec(`PRAGMA max_page_count = ${Math.trunc(request.max_pages)}`);
  // Settings are read back: a build or a file system that cannot keep the promise says so by answering something else.
  for (const [pragma, expected] of [
    [`journal_mode = ${mode}`, mode],
    ["synchronous", synchronous],
  ] as const) {
    const actual = connection.prepare(`PRAGMA ${pragma}`).all([])[0]?.[0];
    if (actual !== expected) throw new BackendFailure("other", `PRAGMA ${pragma} gave ${String(actual)}, not ${expected}`, null, undefined);
  }
}

/** Inside the write transaction: schema, head, checks, epoch. */
function takeOver(
  connection: SqliteConnection,
  request: OpenLogRequest,
): { readonly kind: "ready"; readonly layout: LogLayout; readonly epoch: number; readonly anchors: readonly Anchor[] } | Refusal {
  const { log } = request;
  if (readSchema(connection).kind === "empty") createSchema(connection);
  const refused = refuseSchema(connection);
  if (refused !== null) return refused;
  const other = connection.prepare("SELECT log_id FROM log_head WHERE log_id <> ?").all([log])[0];
  if (other !== undefined)
    return { kind: "corrupt", position: null, cause: `the file ${request.path} holds the log ${String(other[0])}, not ${log}` };
  let layout = readLayout(connection, log);
  if (layout === null) {
    layout = request.layout;
    const values = [log, layout, GENESIS_HASH, GENESIS_HASH, GENESIS_HASH, Math.trunc(request.now())];
    connection
      .prepare(
        "INSERT INTO log_head (log_id, layout, epoch, position, head_hash, content_hash, audit_hash, updated_at) VALUES (?, ?, 0, 0, ?, ?, ?, ?)",
      )
      .run(values);
  }
  const file = new SqliteLog(log, layout, connection, request.anchorFile, "reader");
  const standing = file.standing();
  const refusal = refuseHead(standing.head, request.expected_head) ?? refuseDamage(connection, file, standing);
  if (refusal !== null) return refusal;
  const epoch = standing.epoch + 1;
  connection.prepare("UPDATE log_head SET epoch = ? WHERE log_id = ?").run([epoch, log]);
  return { kind: "ready", layout, epoch, anchors: file.anchors() };
}

function readLayout(connection: SqliteConnection, log: string): LogLayout | null {
  if (readSchema(connection).kind === "empty") return null;
  const layout = connection.prepare("SELECT layout FROM log_head WHERE log_id = ?").all([log])[0]?.[0];
  return layout === "rows" || layout === "segments" ? layout : null;
}

function refuseHead(head: Head, expected: OpenLogRequest["expected_head"]): Refusal | null {
  if (expected === null || (expected.position === head.position && expected.hash === head.hash)) return null;
  return { kind: "head_mismatch", expected, actual: head };
}

/** Compares the four places that remember where the log ends. Everything before is the business of verification. */
function refuseDamage(connection: SqliteConnection, file: SqliteLog, standing: LogStanding): Refusal | null {
  const { head } = standing;
  const corrupt = (position: number, cause: string): Refusal => ({ kind: "corrupt", position, cause });
  const last = file.anchors().at(-1);
  const anchored =
    last === undefined
      ? head.position === 0 && head.hash === GENESIS_HASH
      : last.position === head.position && last.hash === head.hash && last.audit_hash === standing.audit_hash;
  if (!anchored)
    return corrupt(head.position, `the head at position ${head.position} differs from the last anchor, at position ${last?.position ?? 0}`);
  const stored = lastStored(connection, file);
  if (stored.position !== head.position)
    return corrupt(
      Math.min(stored.position, head.position) + 1,
      `the head is at position ${head.position}, the last event at ${stored.position}`,
    );
  if (stored.hash !== null && stored.hash !== head.hash) return corrupt(head.position, "the last event does not have the hash of the head");
  if (last !== undefined && standing.epoch < last.epoch)
    return corrupt(head.position, `the head is at epoch ${standing.epoch}, the last block was written in epoch ${last.epoch}`);
  const published = file.published();
  if (published === "missing") return last === undefined ? null : corrupt(1, "the anchor file is missing, though blocks were committed");
  const beyond = published.find((anchor) => anchor.position > head.position);
  if (beyond !== undefined) {
    return corrupt(
      head.position + 1,
      `the tail is cut off: an anchor was published at position ${beyond.position}, the log ends at ${head.position}`,
    );
  }
  const other = published.find((anchor) => anchor.position === head.position && anchor.hash !== head.hash);
  return other === undefined ? null : corrupt(head.position, "the published anchor of the last position has another hash");
}

function lastStored(connection: SqliteConnection, file: SqliteLog): { readonly position: number; readonly hash: string | null } {
  if (file.layout === "segments") {
    const row = connection.prepare("SELECT coalesce(max(last_position), 0) FROM segments WHERE log_id = ?").all([file.log])[0];
    return { position: row === undefined ? 0 : integerAt(row, 0), hash: null };
  }
  const row = connection
    .prepare(`SELECT position, ${asAscii("event_hash")} FROM events WHERE log_id = ? ORDER BY position DESC LIMIT 1`)
    .all([file.log])[0];
  return row === undefined ? { position: 0, hash: null } : { position: integerAt(row, 0), hash: textAt(row, 1) };
}

/** Switching to write-ahead logging does not wait for other connections by itself. */
async function retryWhileBusy(work: () => void, timeoutMs: number): Promise<void> {
  for (let waited = 0; ; waited += RETRY_MS) {
    try {
      work();
      return;
    } catch (error) {
      if (!(error instanceof BackendFailure && error.kind === "busy") || waited >= timeoutMs) throw error;
      await sleep(RETRY_MS);
    }
  }
}
