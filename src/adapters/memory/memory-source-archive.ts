import { readFile } from "node:fs/promises";
import type { SourceArchive } from "../../ports/source-archive.js";
import type { WeeklyOrigin } from "../../ports/weekly-source.js";
import { sha256Bytes } from "../node-hash/sha256.js";

/** Sources in memory: for tests, and work that nobody keeps. */
export class MemorySourceArchive implements SourceArchive {
  readonly #kept = new Map<string, WeeklyOrigin>();

  async keep(origin: WeeklyOrigin, sha256: string): Promise<"kept" | "changed"> {
    if (this.#kept.has(sha256)) return "kept";
    const content = origin.kind === "api" ? origin.content : await readFile(origin.path);
    if (sha256Bytes([content]) !== sha256) return "changed";
    this.#kept.set(sha256, { kind: "api", file_name: sha256, content });
    return "kept";
  }

  async find(sha256: string): Promise<WeeklyOrigin | null> {
    return this.#kept.get(sha256) ?? null;
  }
}
