import { randomBytes } from "node:crypto";
import { constants } from "node:fs";
import { copyFile, mkdir, open, rename, rm, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { SourceArchive } from "../../ports/source-archive.js";
import type { WeeklyOrigin } from "../../ports/weekly-source.js";
import { fileHash } from "./file-hash.js";

/** Sources as files below one folder, `ab/abcdef…`, as they came. A file is there whole or not at all. */
export class FileSourceArchive implements SourceArchive {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  async keep(origin: WeeklyOrigin, sha256: string): Promise<"kept" | "changed"> {
    if ((await this.find(sha256)) !== null) return "kept";
    const path = this.#pathOf(sha256);
    await mkdir(dirname(path), { recursive: true });
    const temporary = `${path}.${process.pid}-${randomBytes(4).toString("hex")}.tmp`;
    try {
      // A copy on write where the file system can: the source may be large.
      if (origin.kind === "file") await copyFile(origin.path, temporary, constants.COPYFILE_FICLONE);
      else await writeFile(temporary, origin.content);
      // It was hashed when it was read; whoever writes it may have gone on since.
      if ((await fileHash(temporary)) !== sha256) return "changed";
      const file = await open(temporary, "r+");
      try {
        await file.sync();
      } finally {
        await file.close();
      }
      await rename(temporary, path);
      return "kept";
    } finally {
      await rm(temporary, { force: true });
    }
  }

  async find(sha256: string): Promise<WeeklyOrigin | null> {
    const path = this.#pathOf(sha256);
    try {
      await stat(path);
      return { kind: "file", path };
    } catch (error) {
      if (error instanceof Error && "code" in error && error.code === "ENOENT") return null;
      throw error;
    }
  }

  #pathOf(sha256: string): string {
    return join(this.#folder, sha256.slice(0, 2), sha256);
  }
}
