/** A log that is being imported lies under a name of its own until it is whole: no list shows it, and no crash leaves half of it. */
import { existsSync, renameSync, rmSync } from "node:fs";
import { dirname } from "node:path";
import type { Anchor, Head } from "../../core/tape/event.js";
import { AnchorFile } from "./anchor-file.js";
import { fileFailure, flushFolder } from "./flush-file.js";
import { anchorPathOf } from "./log-files.js";

/** Where an import to `path` gathers. */
export function stagingPathOf(path: string): string {
  return `${path}.importing`;
}

/** Prepares for going on: between the two renames of {@link publishStaged} a crash leaves the anchors under their last name. */
export function recoverStaged(path: string): void {
  const staging = stagingPathOf(path);
  const anchors = anchorPathOf(path);
  if (!existsSync(path) && existsSync(staging) && !existsSync(anchorPathOf(staging)) && existsSync(anchors))
    renameSync(anchors, anchorPathOf(staging));
}

/** Removes what an import gathered. */
export function discardStaged(path: string): void {
  const staging = stagingPathOf(path);
  for (const file of [staging, `${staging}-wal`, `${staging}-shm`, `${staging}-journal`, anchorPathOf(staging)])
    rmSync(file, { force: true });
}

/** The published anchor that an import which ends at `head` contradicts, or null. Anchors outlive the file that they were written for. */
export function contradictingAnchor(path: string, staged: readonly Anchor[], head: Head): Anchor | null {
  const left = new AnchorFile(anchorPathOf(path), false).read();
  if (left === "missing") return null;
  const hashes = new Map(staged.map(({ position, hash }) => [position, hash]));
  return left.find((anchor) => anchor.position > head.position || hashes.get(anchor.position) !== anchor.hash) ?? null;
}

/** Gives a whole log its names, durably. @throws {BackendFailure} */
export function publishStaged(path: string, head: Head): void {
  const staging = stagingPathOf(path);
  const anchors = anchorPathOf(path);
  try {
    if (existsSync(anchors)) renameSync(anchors, `${anchors}.before-${head.position}`);
    renameSync(anchorPathOf(staging), anchors);
    renameSync(staging, path);
    flushFolder(dirname(path));
  } catch (error) {
    throw fileFailure(error);
  }
}
