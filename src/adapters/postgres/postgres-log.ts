/** What rows and segments share: where a log stands, its anchors, and the one statement that commits a block. */
import type { Anchor } from "../../core/tape/event.js";
import type { LogLayout } from "../../ports/event-store.js";
import type { LogStanding } from "../event-store/log-backend.js";
import { BackendFailure } from "../event-store/log-backend.js";
import type { PostgresRow, PostgresValue } from "./postgres-connection.js";

/** Asks a server. @throws {PostgresFailure} */
export type Ask = (text: string, values: readonly PostgresValue[], name?: string) => Promise<readonly PostgresRow[]>;

/** Where a log stands, and how it is kept. */
export interface PostgresStanding extends LogStanding {
  readonly layout: LogLayout;
}

const STANDING = "SELECT position, head_hash, content_hash, audit_hash, epoch, updated_at, layout FROM log_head WHERE log_id = $1";
const ANCHORS =
  "SELECT first_position, position, hash, content_hash, audit_hash, epoch, recorded_at FROM anchors WHERE log_id = $1 ORDER BY position";

/** Null where there is no such log. @throws {BackendFailure} @param lock holds off every writer until the transaction ends. */
export async function readStanding(ask: Ask, log: string, lock: boolean = false): Promise<PostgresStanding | null> {
  const [row] = lock ? await ask(`${STANDING} FOR UPDATE`, [log]) : await ask(STANDING, [log], "onetape_standing");
  if (row === undefined) return null;
  return {
    head: { position: integerAt(row, 0), hash: hashAt(row, 1), content_hash: hashAt(row, 2) },
    audit_hash: hashAt(row, 3),
    epoch: integerAt(row, 4),
    recorded_at: integerAt(row, 5),
    layout: textAt(row, 6) === "segments" ? "segments" : "rows",
  };
}

export async function readAnchors(ask: Ask, log: string, newestOnly: boolean = false): Promise<readonly Anchor[]> {
  const rows = await ask(newestOnly ? `${ANCHORS} DESC LIMIT 1` : ANCHORS, [log]);
  return rows.map((row) => ({
    log,
    first_position: integerAt(row, 0),
    position: integerAt(row, 1),
    hash: hashAt(row, 2),
    content_hash: hashAt(row, 3),
    audit_hash: hashAt(row, 4),
    epoch: integerAt(row, 5),
    recorded_at: integerAt(row, 6),
  }));
}

/** Changes what a server has. @returns how many rows. @throws {PostgresFailure} */
export type Change = (text: string, values: readonly PostgresValue[], name: string) => Promise<number>;

/** Where the events of a block go: the end of the committing statement, which selects from `swap`, and its values from $12 on. */
export interface Insertion {
  readonly name: string;
  readonly sql: string;
  readonly values: readonly PostgresValue[];
}

/**
 * Commits a block, its anchor and the new head in one statement, and so in one transaction that lasts for one flush.
 *
 * The head moves by compare-and-swap on epoch, position and hash; where it does not match, nothing is inserted.
 *
 * @param synchronous `on` for durable commits, `off` for those that may wait for the next flush: said with each, whatever pooler stands between.
 * @returns whether the head was where `from` says.
 * @throws {PostgresFailure}
 */
export async function commitBlock(
  change: Change,
  from: Pick<LogStanding, "head" | "epoch">,
  anchor: Anchor,
  insertion: Insertion,
  synchronous: "on" | "off",
): Promise<boolean> {
  const values = [
    anchor.log,
    from.epoch,
    from.head.position,
    bytea(from.head.hash),
    anchor.position,
    bytea(anchor.hash),
    bytea(anchor.content_hash),
    bytea(anchor.audit_hash),
    anchor.recorded_at,
    anchor.epoch,
    synchronous,
    ...insertion.values,
  ];
  return (await change(commitSql(insertion.sql), values, `onetape_commit_${insertion.name}`)) > 0;
}

/** A copied block may come from a later epoch than the copy's own, hence the greatest. */
function commitSql(insertion: string): string {
  return `WITH swap AS (
  UPDATE log_head SET position = $5, head_hash = $6, content_hash = $7, audit_hash = $8, epoch = greatest(epoch, $10), updated_at = $9
  WHERE log_id = $1 AND epoch = $2 AND position = $3 AND head_hash = $4
  RETURNING log_id, set_config('synchronous_commit', $11::text, true)
), anchored AS (
  INSERT INTO anchors (log_id, first_position, position, hash, content_hash, audit_hash, epoch, recorded_at)
  SELECT log_id, $3::bigint + 1, $5::bigint, $6::bytea, $7::bytea, $8::bytea, $10::bigint, $9::bigint FROM swap
)
${insertion}`;
}

/** How a hash is bound to a BYTEA. */
export function bytea(hex: string): string {
  return `\\x${hex}`;
}

/** @throws {BackendFailure} where the column holds something else. */
export function integerAt(row: PostgresRow, column: number): number {
  const value = Number(row[column] ?? Number.NaN);
  if (Number.isSafeInteger(value)) return value;
  throw new BackendFailure("corrupt", `column ${column} holds ${row[column] ?? "NULL"} where a safe integer belongs`, null, undefined);
}

/** @throws {BackendFailure} where the column is empty. */
export function textAt(row: PostgresRow, column: number): string {
  const value = row[column];
  if (typeof value === "string") return value;
  throw new BackendFailure("corrupt", `column ${column} is NULL where text belongs`, null, undefined);
}

/** Lower-case hexadecimal digits of a BYTEA. @throws {BackendFailure} where the column is empty. */
export function hashAt(row: PostgresRow, column: number): string {
  return textAt(row, column).slice(2);
}

/** The text of `created_at` as every store gives it: PostgreSQL writes `2024-01-01 00:00:00.12+00`. Digits beyond milliseconds stay, as only damage leaves them. */
export function createdAt(row: PostgresRow, column: number): string {
  const text = textAt(row, column);
  const match = /^(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d)(?:\.(\d+))?\+00$/.exec(text);
  return match === null ? text : `${match[1]}T${match[2]}.${(match[3] ?? "").padEnd(3, "0")}Z`;
}
