import { statSync } from "node:fs";
import { basename, dirname, resolve } from "node:path";
import { sha256, sha256Bytes } from "../../adapters/node-hash/sha256.js";
import { FileRunStore } from "../../adapters/run-store/file-run-store.js";
import { openTapeFile } from "../../adapters/sqlite/tape-file.js";
import type { StoredRun } from "../../ports/run-store.js";
import { openTape } from "../../usecases/compare-runs.js";
import type { TapeToDiff } from "../../usecases/diff-runs.js";
import { workspaceBarLibrary } from "../../usecases/workspace-bar-library.js";
import { chainThreads } from "../library/chain-threads.js";
import { dataPorts } from "../library/data-ports.js";
import type { WorkspaceChoice } from "../library/event-stores.js";
import { runTapes } from "../library/run-tapes.js";
import { type Failure, failureOf } from "./failure.js";
import { findRun } from "./find-run.js";

export type FoundTape =
  | { readonly kind: "found"; readonly tape: TapeToDiff; readonly close: () => Promise<void> }
  | { readonly kind: "failed"; readonly failure: Failure };

/** The tape that a word on the command line means: a run of the workspace, the folder of a run anywhere, or the file of a tape. */
export async function findTape(workspace: WorkspaceChoice, word: string): Promise<FoundTape> {
  const found = await findRun(new FileRunStore(workspace.home), word);
  if (found.kind === "found") return openRun(workspace, found.run);
  switch (kindOf(word)) {
    case "folder": {
      const folder = resolve(word);
      const elsewhere = dirname(dirname(folder));
      const run = await new FileRunStore(elsewhere).find(basename(folder));
      return run.kind === "found" && run.run.dir === folder
        ? openRun({ ...workspace, home: elsewhere }, run.run)
        : noTape(word, "is not the folder of a run");
    }
    case "file":
      return openFile(workspace, word);
    case "nothing":
      return found;
  }
}

async function openRun(workspace: WorkspaceChoice, run: StoredRun): Promise<FoundTape> {
  const store = runTapes(run.dir);
  const opened = await openTape(store, run.manifest.tape.log);
  if (opened.session === null) {
    await store.close();
    return unreadable(run.name, opened.why);
  }
  const { session } = opened;
  const data = dataPorts(workspace);
  const close = async (): Promise<void> => {
    await store.close();
    await data.store.close();
  };
  return { kind: "found", tape: { name: run.name, session, run, bars: workspaceBarLibrary(data) }, close };
}

async function openFile(workspace: WorkspaceChoice, path: string): Promise<FoundTape> {
  const file = await openTapeFile(resolve(path), { sha256, sha256Bytes }, chainThreads);
  if (file === null) return noTape(path, "is no tape, or holds more than one log");
  const opened = await openTape(file.store, file.log);
  if (opened.session === null) {
    await file.store.close();
    return unreadable(path, opened.why);
  }
  const { session } = opened;
  const data = dataPorts(workspace);
  const close = async (): Promise<void> => {
    await file.store.close();
    await data.store.close();
  };
  return { kind: "found", tape: { name: path, session, run: null, bars: workspaceBarLibrary(data) }, close };
}

function kindOf(path: string): "file" | "folder" | "nothing" {
  const stats = statSync(path, { throwIfNoEntry: false });
  return stats === undefined ? "nothing" : stats.isDirectory() ? "folder" : "file";
}

function noTape(word: string, why: string): FoundTape {
  const expected = "a run's id, its beginning, latest, the folder of a run, or a file that `onetape tape convert` wrote";
  return {
    kind: "failed",
    failure: failureOf("NOT_FOUND", `${word} ${why}`, "onetape runs list", { field: "RUN", value: word, expected }),
  };
}

function unreadable(name: string, why: string): FoundTape {
  const message = `the tape of ${name} cannot be opened: ${why}`;
  return { kind: "failed", failure: failureOf("STORE_UNAVAILABLE", message, "onetape verify --all", { field: name }) };
}
