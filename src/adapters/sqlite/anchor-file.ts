import { closeSync, existsSync, fdatasync, fsyncSync, ftruncateSync, openSync, readFileSync, writeSync } from "node:fs";
import { dirname } from "node:path";
import type { Anchor } from "../../core/tape/event.js";
import { fileFailure, flushFolder } from "./flush-file.js";

/** Keys of a line, in their order. */
const LINE_KEYS: string[] = ["log", "first_position", "position", "hash", "content_hash", "audit_hash", "epoch", "recorded_at"];

/**
 * Anchors outside the store: one JSON line per committed block, only ever appended.
 *
 * Whoever cuts the tail off a store leaves this file behind, and the cut shows. A line is in the file before its commit is answered; it
 * reaches the disk right after, beside the next commit: a line that a power failure took is written again from the store's own anchors.
 */
export class AnchorFile {
  readonly #path: string;
  readonly #durable: boolean;
  #descriptor: number | null = null;
  #flushing = false;
  /** Whether lines were written since the flush under way began. */
  #behind = false;
  #failure: Error | null = null;

  constructor(path: string, durable: boolean) {
    this.#path = path;
    this.#durable = durable;
  }

  /** Complete lines, by position; a line that is not an anchor counts as missing. `missing` where there is no file. */
  read(): readonly Anchor[] | "missing" {
    if (!existsSync(this.#path)) return "missing";
    const lines = readFileSync(this.#path, "utf8").split("\n");
    // What follows the last line end was never finished, so nobody was told of it.
    return lines.slice(0, -1).flatMap((line) => parseAnchor(line) ?? []);
  }

  /** Prepares for appending: drops what follows the last line that is whole, and adds the anchors that a crash kept from being published. */
  openForAppend(committed: readonly Anchor[]): void {
    this.#attempt(() => {
      const isNew = !existsSync(this.#path);
      const descriptor = openSync(this.#path, "a+");
      this.#descriptor = descriptor;
      const bytes = readFileSync(this.#path);
      const complete = wholeLines(bytes);
      if (complete < bytes.length) ftruncateSync(descriptor, complete);
      const published = this.read();
      const last = published === "missing" ? 0 : (published.at(-1)?.position ?? 0);
      for (const anchor of committed) if (anchor.position > last) this.#write(descriptor, anchor);
      fsyncSync(descriptor);
      if (isNew) flushFolder(dirname(this.#path));
    });
  }

  /** @throws {BackendFailure} when the line could not be written whole, or one before it not be made durable. */
  append(anchor: Anchor): void {
    this.#attempt(() => {
      const descriptor = this.#descriptor;
      if (descriptor === null) throw new Error(`${this.#path} is not open for appending`);
      if (this.#failure !== null) throw this.#failure;
      this.#write(descriptor, anchor);
      if (this.#durable) this.#flush(descriptor);
    });
  }

  /** Idempotent. */
  close(): void {
    const descriptor = this.#descriptor;
    if (descriptor === null) return;
    this.#descriptor = null;
    this.#attempt(() => {
      try {
        fsyncSync(descriptor);
      } finally {
        closeSync(descriptor);
      }
      if (this.#failure !== null) throw this.#failure;
    });
  }

  #flush(descriptor: number): void {
    this.#behind = this.#flushing;
    if (this.#flushing) return;
    this.#flushing = true;
    fdatasync(descriptor, (error) => {
      this.#flushing = false;
      // Closing flushed everything, and its descriptor may be another file's by now.
      if (descriptor !== this.#descriptor) return;
      this.#failure ??= error;
      if (this.#behind) this.#flush(descriptor);
    });
  }

  #write(descriptor: number, anchor: Anchor): void {
    const line = Buffer.from(`${JSON.stringify(anchor, LINE_KEYS)}\n`);
    for (let written = 0; written < line.length; ) written += writeSync(descriptor, line, written);
  }

  #attempt(work: () => void): void {
    try {
      work();
    } catch (error) {
      throw fileFailure(error);
    }
  }
}

/** Bytes up to the first line that is no anchor: lines that were not flushed may be lost although later ones are there. */
function wholeLines(bytes: Buffer): number {
  let end = 0;
  for (let next = bytes.indexOf(0x0a); next !== -1; next = bytes.indexOf(0x0a, end)) {
    if (parseAnchor(bytes.toString("utf8", end, next)) === null) break;
    end = next + 1;
  }
  return end;
}

function parseAnchor(line: string): Anchor | null {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return null;
  }
  return isAnchor(value) ? value : null;
}

function isAnchor(value: unknown): value is Anchor {
  if (typeof value !== "object" || value === null) return false;
  const entries = new Map<string, unknown>(Object.entries(value));
  const texts = ["log", "hash", "content_hash", "audit_hash"].every((key) => typeof entries.get(key) === "string");
  return texts && ["first_position", "position", "epoch", "recorded_at"].every((key) => Number.isSafeInteger(entries.get(key)));
}
