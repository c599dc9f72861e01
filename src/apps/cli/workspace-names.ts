import { readdir } from "node:fs/promises";
import { sha256 } from "../../adapters/node-hash/sha256.js";
import { FileRunStore } from "../../adapters/run-store/file-run-store.js";
import { FileSweepStore } from "../../adapters/sweep-store/file-sweep-store.js";
import { PRESET_NAMES } from "../../core/gate/policy-presets.js";
import { readDataIndex } from "../../usecases/catalogue-log.js";
import { dataPorts } from "../library/data-ports.js";
import type { WorkspaceChoice } from "../library/event-stores.js";

/** Names of the runs of a workspace, newest first. */
export async function runNames(home: string): Promise<readonly string[]> {
  return (await new FileRunStore(home).list()).map(({ name }) => name);
}

/** Ids of the sweeps of a workspace, newest first. */
export async function sweepNames(home: string): Promise<readonly string[]> {
  return (await new FileSweepStore(home, sha256).list()).map(({ sweep_id }) => sweep_id);
}

/** Symbols that the workspace has bars of, ascending. */
export async function storedSymbols(workspace: WorkspaceChoice): Promise<readonly string[]> {
  return [...new Set((await captures(workspace)).map(({ symbol }) => symbol))].sort();
}

/** What names stored bars: symbols, then ids of captures, newest first. */
export async function dataNames(workspace: WorkspaceChoice): Promise<readonly string[]> {
  const all = await captures(workspace);
  return [...new Set(all.map(({ symbol }) => symbol)), ...all.map(({ capture_id }) => capture_id).reverse()];
}

async function captures(workspace: WorkspaceChoice): Promise<readonly { readonly symbol: string; readonly capture_id: string }[]> {
  const ports = dataPorts(workspace);
  try {
    const read = await readDataIndex(ports);
    return read.kind === "read" ? read.index.captures : [];
  } finally {
    await ports.store.close();
  }
}

/** Presets, and files of a folder that may be policies. */
export async function policyNames(folder: string): Promise<readonly string[]> {
  const files = await readdir(folder).catch(() => []);
  return [...PRESET_NAMES, ...files.filter((name) => /\.ya?ml$/.test(name)).sort()];
}
