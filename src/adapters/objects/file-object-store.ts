import { createHash, type Hash } from "node:crypto";
import { createReadStream } from "node:fs";
import { mkdir, open, rename, rm, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { pipeline } from "node:stream/promises";
import type { ObjectStore, StoredObject } from "../../ports/object-store.js";

/** Objects as files below one folder, `ab/abcdef….parquet`: other tools can open them where they lie. */
export class FileObjectStore implements ObjectStore {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  async put(path: string): Promise<StoredObject & { created: boolean }> {
    const { sha256, bytes } = await fileSha256(path);
    const target = this.pathOf(sha256);
    if ((await this.verify(sha256)) === "ok") {
      await rm(path);
      return { sha256, bytes, created: false };
    }
    await mkdir(dirname(target), { recursive: true });
    await syncFile(path);
    await rename(path, target);
    await syncFolder(dirname(target));
    return { sha256, bytes, created: true };
  }

  pathOf(sha256: string): string {
    return join(this.#folder, sha256.slice(0, 2), `${sha256}.parquet`);
  }

  async verify(sha256: string): Promise<"ok" | "missing" | "changed"> {
    const path = this.pathOf(sha256);
    try {
      await stat(path);
    } catch (error) {
      if (isAbsent(error)) return "missing";
      throw error;
    }
    return (await fileSha256(path)).sha256 === sha256 ? "ok" : "changed";
  }

  async remove(sha256: string): Promise<void> {
    await rm(this.pathOf(sha256), { force: true });
  }
}

/** SHA-256 and length of a file, streamed. */
export async function fileSha256(path: string): Promise<StoredObject> {
  const hash: Hash = createHash("sha256");
  let bytes = 0;
  await pipeline(createReadStream(path, { highWaterMark: 1 << 20 }), async (chunks: AsyncIterable<Buffer>) => {
    for await (const chunk of chunks) {
      bytes += chunk.length;
      hash.update(chunk);
    }
  });
  return { sha256: hash.digest("hex"), bytes };
}

async function syncFile(path: string): Promise<void> {
  const file = await open(path, "r+");
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Makes a rename durable; Windows cannot open folders, and needs no such step. */
async function syncFolder(path: string): Promise<void> {
  if (process.platform === "win32") return;
  const folder = await open(path, "r");
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

function isAbsent(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ENOENT";
}
