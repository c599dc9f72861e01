import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { MemoryEventStore } from "../../src/adapters/memory/memory-event-store.js";
import { sha256, sha256Bytes } from "../../src/adapters/node-hash/sha256.js";
import { logFilesIn } from "../../src/adapters/sqlite/log-files.js";
import { SqliteEventStore } from "../../src/adapters/sqlite/sqlite-event-store.js";
import { describeProjectionStore } from "./projection-store.contract.js";

describeProjectionStore("memory", async (now) => {
  const store = new MemoryEventStore({ sha256, now });
  return { store, reopen: () => store, dispose: () => store.close() };
});

describeProjectionStore("SQLite", async (now) => {
  const folder = mkdtempSync(join(tmpdir(), "onetape-projections-"));
  const stores: SqliteEventStore[] = [];
  const open = (): SqliteEventStore => {
    const store = new SqliteEventStore({ files: logFilesIn(folder), sha256, sha256Bytes, now });
    stores.push(store);
    return store;
  };
  return {
    store: open(),
    reopen: open,
    dispose: async () => {
      for (const store of stores) await store.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
});
