import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { deposit, ledgerCatalogue, MONDAY } from "../../test/support/tape-fixture.js";
import { ndjsonLogFiles } from "../adapters/log-file/ndjson-log-files.js";
import { MemoryEventStore } from "../adapters/memory/memory-event-store.js";
import { sha256 } from "../adapters/node-hash/sha256.js";
import { type BackupOutcome, backupLogs } from "./backup-logs.js";

const LOGS = ["ledger-a", "ledger-b"];
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "onetape-backup-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

async function deposited(store: MemoryEventStore, log: string, keys: readonly string[]): Promise<void> {
  const opened = await store.open({ log, catalogue: ledgerCatalogue, mode: "write", layout: "rows" });
  if (opened.kind !== "opened") throw new Error(opened.kind);
  for (const key of keys) await opened.session.append([{ stream: "account/1", expected: "any", events: [deposit(log, key)] }]);
  await opened.session.close();
}

/** A backup that is stopped when the second log is begun, as Ctrl-C stops it, or one that is not. */
function backedUp(store: MemoryEventStore, stopped: boolean): Promise<BackupOutcome> {
  const stop = new AbortController();
  const onProgress = (_log: string, done: number, total: number): void => {
    if (stopped && done === total) stop.abort();
  };
  return backupLogs({
    ...{ stores: { store, sessions: store }, folder, files: ndjsonLogFiles, hash: sha256, now: () => MONDAY },
    ...{ onProgress, signal: stop.signal },
  });
}

const newStore = (): MemoryEventStore => new MemoryEventStore({ sha256, now: () => MONDAY });

test("a backup that goes on after a log has moved holds where that log ends now", async () => {
  const store = newStore();
  await deposited(store, "ledger-a", ["one"]);
  await deposited(store, "ledger-b", ["one", "two"]);
  expect(await backedUp(store, true)).toEqual({ kind: "aborted", log: "ledger-b" });
  await deposited(store, "ledger-a", ["later"]);
  const outcome = await backedUp(store, false);
  if (outcome.kind !== "done") throw new Error(JSON.stringify(outcome));
  expect(outcome.list.logs.map(({ log, head }) => [log, head.position])).toEqual(LOGS.map((log) => [log, 2]));
});

test("a backup does not go on over a copy that holds more than the log", async () => {
  const store = newStore();
  await deposited(store, "ledger-a", ["one", "two"]);
  await deposited(store, "ledger-b", ["one"]);
  await backedUp(store, true);
  const older = newStore();
  await deposited(older, "ledger-a", ["one"]);
  await deposited(older, "ledger-b", ["one"]);
  expect(await backedUp(older, false)).toMatchObject({
    kind: "failed",
    log: "ledger-a",
    cause: expect.stringContaining("the log ends at 1"),
  });
});
