import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { MemoryEventStore } from "../../src/adapters/memory/memory-event-store.js";
import { sha256, sha256Bytes } from "../../src/adapters/node-hash/sha256.js";
import { logFilesIn } from "../../src/adapters/sqlite/log-files.js";
import { SqliteEventStore } from "../../src/adapters/sqlite/sqlite-event-store.js";
import { observedStore } from "../../src/usecases/observed-store.js";
import { RecordedTelemetry } from "../support/recorded-telemetry.js";
import type { StoreUnderTest } from "./event-store.contract.js";
import { describeEventStore } from "./event-store.contract.js";

async function memory(now: () => number): Promise<StoreUnderTest> {
  const store = new MemoryEventStore({ sha256, now });
  return { store, reopen: () => store, another: () => new MemoryEventStore({ sha256, now }), dispose: () => store.close() };
}

async function sqlite(now: () => number): Promise<StoreUnderTest> {
  const folder = mkdtempSync(join(tmpdir(), "onetape-contract-"));
  const stores: SqliteEventStore[] = [];
  const open = (name: string): SqliteEventStore => {
    const store = new SqliteEventStore({ files: logFilesIn(join(folder, name)), sha256, sha256Bytes, now });
    stores.push(store);
    return store;
  };
  return {
    store: open("store"),
    reopen: () => open("store"),
    another: () => open(`other-${stores.length}`),
    dispose: async () => {
      for (const store of stores) await store.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Watched, a store answers as it does alone. */
async function watched(now: () => number): Promise<StoreUnderTest> {
  const by = { telemetry: new RecordedTelemetry(), system: "memory", now } as const;
  const store = observedStore(new MemoryEventStore({ sha256, now }), by);
  return {
    store,
    reopen: () => store,
    another: () => observedStore(new MemoryEventStore({ sha256, now }), by),
    dispose: () => store.close(),
  };
}

describeEventStore("memory, in rows", "rows", memory);
describeEventStore("memory, in segments", "segments", memory);
describeEventStore("SQLite, in rows", "rows", sqlite);
describeEventStore("SQLite, in segments", "segments", sqlite);
describeEventStore("memory, watched", "rows", watched);
