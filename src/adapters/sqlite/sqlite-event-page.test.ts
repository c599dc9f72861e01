import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { ledgerBlocks, openLog, readAll } from "../../../test/support/tape-fixture.js";
import type { ReplayEvent } from "../../core/tape/event.js";
import type { LogSession } from "../../ports/event-store.js";
import { BackendFailure } from "../event-store/log-backend.js";
import { sha256, sha256Bytes } from "../node-hash/sha256.js";
import { loadSqliteDriver } from "./load-sqlite-driver.js";
import { logFilesIn } from "./log-files.js";
import { SqliteEventStore } from "./sqlite-event-store.js";

const LOG = "run/one";
const EVENTS = 2_401;
const DAMAGED = 1_042;

let folder: string;
let store: SqliteEventStore;
let session: LogSession;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "onetape-page-"));
  store = new SqliteEventStore({ files: logFilesIn(folder), sha256, sha256Bytes, now: () => 0 });
  session = await openLog(store, {});
  for (const block of ledgerBlocks(800, 500)) await session.appendBlock(block);
});

afterEach(async () => {
  await store.close();
  rmSync(folder, { recursive: true });
});

/** Changes a column of one event behind the store's back. */
async function put(column: string, value: string): Promise<void> {
  const connection = (await loadSqliteDriver()).open(logFilesIn(folder).pathOf(LOG));
  connection.exec("DROP TRIGGER IF EXISTS events_no_update");
  connection.exec(`UPDATE events SET ${column} = ${value} WHERE position = ${DAMAGED}`);
  connection.close();
}

/** What a replay gets, and what stopped it. */
async function replayed(): Promise<{ readonly events: readonly ReplayEvent[]; readonly failure: unknown }> {
  const events: ReplayEvent[] = [];
  try {
    for await (const page of session.replayPages()) events.push(...page);
    return { events, failure: null };
  } catch (failure) {
    return { events, failure };
  }
}

describe("a page of rows that does not come apart as it was put together", () => {
  test.each([
    ["payload", "payload || char(30) || 'junk'"],
    ["payload", "payload || char(31) || 'junk'"],
    ["payload", "payload || char(0) || 'junk'"],
    ["payload", "''"],
    ["type", "type || ',money.moved'"],
    ["type", "''"],
  ])("is read row by row: %s = %s", async (column, value) => {
    await put(column, value);
    const { events, failure } = await replayed();
    expect(failure).toBeNull();
    expect(events).toHaveLength(EVENTS);
    const whole = await readAll(session);
    expect(events.map(({ position, type, payload }) => [position, type, payload])).toEqual(
      whole.map(({ position, type, payload }) => [position, type, payload]),
    );
    const [damaged] = await readAll(session, { from: DAMAGED, limit: 1 });
    expect(events[DAMAGED - 1]).toMatchObject({ position: DAMAGED, type: damaged?.type, payload: damaged?.payload });
  });

  test.each(["type", "payload"])("ends with a failure at bytes in %s that are no text, behind every event before them", async (column) => {
    await put(column, `CAST(x'ff' || ${column} AS TEXT)`);
    const { events, failure } = await replayed();
    expect(failure).toBeInstanceOf(BackendFailure);
    expect(events.map(({ position }) => position)).toEqual(Array.from({ length: DAMAGED - 1 }, (_, i) => i + 1));
    const read: number[] = [];
    await expect(
      (async () => {
        for await (const { position } of session.readLog()) read.push(position);
      })(),
    ).rejects.toBeInstanceOf(BackendFailure);
    expect(read).toHaveLength(DAMAGED - 1);
  });
});
