import { type FileHandle, open } from "node:fs/promises";
import { pointLine, type SweepPoint } from "../../core/sweep/sweep-point.js";
import type { Sha256Fn } from "../../core/tape/hash.js";
import type { PointJournal } from "../../ports/sweep-store.js";
import { inUse } from "./in-use.js";

/** An append-only file of points. What comes while a write is under way goes out together in the next. */
export class FilePointJournal implements PointJournal {
  readonly #path: string;
  readonly #hash: Sha256Fn;
  #file: FileHandle | null = null;
  #pending: { readonly line: string; readonly resolve: () => void; readonly reject: (error: unknown) => void }[] = [];
  #writing: Promise<void> | null = null;

  constructor(path: string, hash: Sha256Fn) {
    this.#path = path;
    this.#hash = hash;
  }

  append(point: SweepPoint): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#pending.push({ line: `${pointLine(point, this.#hash)}\n`, resolve, reject });
      this.#writing ??= this.#write().finally(() => {
        this.#writing = null;
      });
    });
  }

  async close(): Promise<void> {
    await this.#writing;
    await this.#file?.close();
    this.#file = null;
    inUse.delete(this.#path);
  }

  async #write(): Promise<void> {
    while (this.#pending.length > 0) {
      const batch = this.#pending;
      this.#pending = [];
      try {
        // Nothing is made before there is something to keep.
        inUse.add(this.#path);
        this.#file ??= await open(this.#path, "ax");
        await this.#file.appendFile(batch.map(({ line }) => line).join(""));
        await this.#file.datasync();
        for (const { resolve } of batch) resolve();
      } catch (error) {
        for (const { reject } of batch) reject(error);
      }
    }
  }
}
