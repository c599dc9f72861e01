/**
 * What a disk may hold after the power fails, built from the changes that a process made to its files.
 *
 * What was flushed is there. Of what was not, any part may be, in any order, and the last piece torn at any byte.
 */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";

const KINDS = ["", "write", "truncate", "sync", "unlink"] as const;

export interface DiskChange {
  readonly kind: "write" | "truncate" | "sync" | "unlink";
  readonly path: string;
  /** Of the first byte; the new size of a truncated file. */
  readonly offset: number;
  readonly bytes: Buffer;
}

/** Changes in the order in which they were made. */
export function readTrace(path: string): readonly DiskChange[] {
  const all = readFileSync(path);
  const changes: DiskChange[] = [];
  for (let at = 0; at + 24 <= all.length; ) {
    const [kind, pathSize, size] = [all.readUInt32LE(at), all.readUInt32LE(at + 4), all.readUInt32LE(at + 16)];
    const offset = Number(all.readBigInt64LE(at + 8));
    const from = at + 24 + pathSize;
    // A process that is killed may leave half a line.
    if (from + size > all.length) break;
    changes.push({
      kind: KINDS[kind] as DiskChange["kind"],
      path: all.toString("utf8", at + 24, from),
      offset,
      bytes: all.subarray(from, from + size),
    });
    at = from + size;
  }
  return changes;
}

/** @param random a whole number below its argument. */
export type Random = (below: number) => number;

/** Writes the files of `folder` into `into` as they may be when the power fails before change `cut`. */
export function cutPower(
  changes: readonly DiskChange[],
  cut: number,
  { folder, into, random }: { readonly folder: string; readonly into: string; readonly random: Random },
): void {
  const files = new Map<string, FileState>();
  for (const change of changes.slice(0, cut)) {
    if (change.path !== folder && !change.path.startsWith(`${folder}/`)) continue;
    if (change.kind === "sync") flush(files, change.path, folder);
    else stateOf(files, change.path).pending.push(change);
  }
  mkdirSync(into, { recursive: true });
  for (const [path, { durable, pending }] of files) {
    // The index of a write-ahead log lies in shared memory, which no power cut leaves.
    if (path.endsWith("-shm")) continue;
    const kept = pending.filter(() => random(2) === 0);
    const last = kept.at(-1);
    if (last !== undefined && random(2) === 0)
      kept[kept.length - 1] = { ...last, bytes: last.bytes.subarray(0, random(last.bytes.length + 1)) };
    const content = applied(durable, kept);
    if (content !== null) writeFileSync(join(into, basename(path)), content);
  }
}

interface FileState {
  /** Null where there is no such file. */
  durable: Buffer | null;
  pending: DiskChange[];
}

function stateOf(files: Map<string, FileState>, path: string): FileState {
  const known = files.get(path) ?? { durable: null, pending: [] };
  files.set(path, known);
  return known;
}

/** Flushing a file makes its bytes durable, flushing a folder the names in it: what was removed before stays removed. */
function flush(files: Map<string, FileState>, path: string, folder: string): void {
  if (path !== folder) {
    const file = stateOf(files, path);
    // A file that was made and never written is there too.
    file.durable = applied(file.durable, file.pending) ?? Buffer.alloc(0);
    file.pending = [];
    return;
  }
  for (const [other, state] of files) {
    if (dirname(other) !== path) continue;
    const removed = state.pending.findLastIndex(({ kind }) => kind === "unlink");
    if (removed < 0) continue;
    state.durable = null;
    state.pending = state.pending.slice(removed + 1);
  }
}

function applied(content: Buffer | null, changes: readonly DiskChange[]): Buffer | null {
  if (changes.length === 0) return content;
  const room = changes.reduce((most, { offset, bytes }) => Math.max(most, offset + bytes.length), content?.length ?? 0);
  const file = Buffer.alloc(room);
  let size = content?.copy(file) ?? null;
  for (const { kind, offset, bytes } of changes) {
    if (kind === "unlink") {
      file.fill(0);
      size = null;
    } else if (kind === "truncate") {
      file.fill(0, offset);
      size = offset;
    } else if (kind === "write") {
      bytes.copy(file, offset);
      size = Math.max(size ?? 0, offset + bytes.length);
    }
  }
  return size === null ? null : file.subarray(0, size);
}
