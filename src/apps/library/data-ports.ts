import { binanceBarSource, csvBarSource } from "../../adapters/csv/csv-bar-source.js";
import { leanBarSource } from "../../adapters/lean/lean-bar-source.js";
import { sha256, sha256Bytes } from "../../adapters/node-hash/sha256.js";
import { FileColumnCache } from "../../adapters/objects/file-column-cache.js";
import { FileObjectStore } from "../../adapters/objects/file-object-store.js";
import { parquetBarArchive } from "../../adapters/parquet/parquet-bar-archive.js";
import { parquetBarSource } from "../../adapters/parquet/parquet-bar-source.js";
import { intlTimeZones } from "../../adapters/time-zone/intl-time-zones.js";
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
    sources: { csv: csvBarSource, binance: binanceBarSource, parquet: parquetBarSource, lean: leanBarSource },
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
