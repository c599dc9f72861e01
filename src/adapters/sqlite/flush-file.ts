import { closeSync, fsyncSync, openSync } from "node:fs";
import { dirname } from "node:path";
import { BackendFailure } from "../event-store/log-backend.js";

/** Makes a file and its name survive power loss. @throws {BackendFailure} where the disk does not take it. */
export function flushFile(path: string): void {
  try {
    const descriptor = openSync(path, "r+");
    try {
      fsyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
    flushFolder(dirname(path));
  } catch (error) {
    throw fileFailure(error);
  }
}

/** Makes the names in a folder survive power loss. */
export function flushFolder(path: string): void {
  const descriptor = openSync(path, "r");
  try {
    fsyncSync(descriptor);
  } catch (error) {
    // Some systems cannot sync a folder; their file systems order the name with the file.
    if (!(error instanceof Error && "code" in error && (error.code === "EISDIR" || error.code === "EPERM" || error.code === "EINVAL")))
      throw error;
  } finally {
    closeSync(descriptor);
  }
}

/** What a failure of the file system means to a log. */
export function fileFailure(error: unknown): BackendFailure {
  const full = error instanceof Error && "code" in error && (error.code === "ENOSPC" || error.code === "EDQUOT");
  return new BackendFailure(full ? "full" : "io", error instanceof Error ? error.message : String(error), null, error);
}
