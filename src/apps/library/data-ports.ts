import { sha256, sha256Bytes } from "../../adapters/node-hash/sha256.js";
import { FileColumnCache } from "../../adapters/objects/file-column-cache.js";
import { FileObjectStore } from "../../adapters/objects/file-object-store.js";
import { parquetBarArchive } from "../../adapters/parquet/parquet-bar-archive.js";
import { intlTimeZones } from "../../adapters/time-zone/intl-time-zones.js";
import type { BarSource } from "../../ports/bar-source.js";
import type { EventStore } from "../../ports/event-store.js";
import type { DataPorts } from "../../usecases/data-ports.js";
import { workspacePaths } from "../../usecases/workspace.js";
import { type WorkspaceChoice, workspaceStore } from "./event-stores.js";

/**
 * The data side of a workspace, on its folder and an open event store.
 *
 * @param home the workspace's folder.
 * @param now wall clock in UTC milliseconds.
 */
export function composeDataPorts(home: string, store: EventStore, now: () => number): DataPorts {
  const paths = workspacePaths(home);
  return {
    store,
    objects: new FileObjectStore(paths.objects),
    archive: parquetBarArchive,
    cache: new FileColumnCache(paths.column_cache),
    sources: {
      csv: onFirstUse(async () => (await import("../../adapters/csv/csv-bar-source.js")).csvBarSource),
      binance: onFirstUse(async () => (await import("../../adapters/csv/csv-bar-source.js")).binanceBarSource),
      parquet: onFirstUse(async () => (await import("../../adapters/parquet/parquet-bar-source.js")).parquetBarSource),
      lean: onFirstUse(async () => (await import("../../adapters/lean/lean-bar-source.js")).leanBarSource),
    },
    zones: intlTimeZones,
    hash: sha256,
    hashBytes: sha256Bytes,
    now,
    tmp: paths.tmp,
  };
}

/** The data side of a workspace with its catalogue in the store that it chose, and this machine's clock. Whoever opens it closes `store`. */
export function dataPorts(workspace: WorkspaceChoice): DataPorts {
  return composeDataPorts(workspace.home, workspaceStore(workspace, process.env), Date.now);
}

/** A reader of files whose code is loaded when the first file comes: most work on a workspace reads none. */
function onFirstUse(load: () => Promise<BarSource>): BarSource {
  return {
    inspect: async (paths, choices) => (await load()).inspect(paths, choices),
    read: async (facts, choices, sink, control) => (await load()).read(facts, choices, sink, control),
  };
}
