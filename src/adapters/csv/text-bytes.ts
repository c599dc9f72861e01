/** The bytes of a text file, plain, gzipped, or the one CSV in a zip. */
import { createReadStream } from "node:fs";
import { open } from "node:fs/promises";
import { createGunzip } from "node:zlib";
import { BadZip, readZipEntry, type ZipEntry, zipEntries } from "../zip/zip-archive.js";

/** The file is damaged or holds no text that could be read. */
export class BadTextFile extends Error {
  override readonly name = "BadTextFile";
}

const CHUNK = 1 << 20;

/** Kind of a file by its first bytes. */
export async function magicOf(path: string): Promise<"gzip" | "zip" | "parquet" | "text"> {
  const file = await open(path, "r");
  try {
    const head = Buffer.alloc(4);
    await file.read(head, 0, 4, 0);
    if (head[0] === 0x1f && head[1] === 0x8b) return "gzip";
    if (head.toString("latin1") === "PK\u0003\u0004" || head.toString("latin1") === "PK\u0005\u0006") return "zip";
    return head.toString("latin1") === "PAR1" ? "parquet" : "text";
  } finally {
    await file.close();
  }
}

/**
 * Streams the text.
 *
 * @param onBytes told how many bytes of the file itself were read.
 * @throws {BadTextFile} naming what is damaged.
 */
export async function* textBytes(path: string, entry: string | null, onBytes: (count: number) => void): AsyncGenerator<Uint8Array> {
  const magic = await magicOf(path);
  if (magic === "parquet") throw new BadTextFile("is a Parquet file, not CSV");
  if (magic === "text" && /\.(zip|gz)$/i.test(path))
    throw new BadTextFile(`does not begin as a ${/zip$/i.test(path) ? "zip" : "gzip"} file does`);
  if (magic === "zip") {
    try {
      const chosen = chooseEntry(await zipEntries(path), entry);
      let seen = 0;
      for await (const chunk of readZipEntry(path, chosen)) {
        seen += chunk.length;
        onBytes(chosen.bytes === 0 ? 0 : (chunk.length / chosen.bytes) * chosen.compressed_bytes);
        yield chunk;
      }
      if (seen === 0) throw new BadTextFile(`entry ${chosen.name} is empty`);
    } catch (error) {
      throw error instanceof BadZip ? new BadTextFile(error.message) : error;
    }
    return;
  }
  const raw = createReadStream(path, { highWaterMark: CHUNK });
  raw.on("data", (chunk) => onBytes(chunk.length));
  if (magic === "text") {
    yield* raw as AsyncIterable<Uint8Array>;
    return;
  }
  const plain = raw.pipe(createGunzip({ chunkSize: CHUNK }));
  raw.on("error", (error) => plain.destroy(error));
  try {
    yield* plain as AsyncIterable<Uint8Array>;
  } catch (error) {
    if (error instanceof Error && "code" in error && String(error.code).startsWith("Z_"))
      throw new BadTextFile(`is a damaged gzip file: ${error.message}`);
    throw error;
  } finally {
    raw.destroy();
  }
}

/** The entry to read. @throws {BadTextFile} where several would do, naming them. */
export function chooseEntry(entries: readonly ZipEntry[], part: string | null): ZipEntry {
  const wanted = part === null ? entries : entries.filter((entry) => entry.name.includes(part));
  const only = wanted[0];
  if (only !== undefined && wanted.length === 1) return only;
  const names = (wanted.length > 0 ? wanted : entries).map((entry) => entry.name).join(", ");
  if (only === undefined) {
    throw new BadTextFile(entries.length === 0 ? "is an empty archive" : `has no entry with "${part}" in its name; it holds ${names}`);
  }
  throw new BadTextFile(`holds several files: ${names}; choose one with --entry PART-OF-ITS-NAME`);
}
