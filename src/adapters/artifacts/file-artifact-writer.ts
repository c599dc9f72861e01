import { createHash } from "node:crypto";
import { type FileHandle, open, rm } from "node:fs/promises";
import { join } from "node:path";
import type { EquityCurve } from "../../core/projections/equity-curve.js";
import type { Table } from "../../core/projections/table.js";
import type { ArtifactWriter, WrittenFile } from "../../ports/artifact-writer.js";
import { columnFileChunks } from "./column-file.js";
import { type CsvShape, csvChunks } from "./csv-text.js";
import { ParquetFiles } from "./parquet-files.js";

const READ_BYTES = 1 << 20;

/** Artifacts as files on disk. Load is lazy: nothing heavy happens before the first table. */
export class FileArtifactWriter implements ArtifactWriter {
  readonly #parquet = new ParquetFiles();

  prepare(): Promise<void> {
    return this.#parquet.open();
  }

  async writeTable(dir: string, table: Table): Promise<{ readonly parquet: WrittenFile; readonly csv: WrittenFile }> {
    const { csv, shape } = await writeCsv(dir, table);
    return { csv, parquet: await this.#convert(dir, table, csv, shape) };
  }

  async writeTableAs(dir: string, table: Table, format: "csv" | "parquet"): Promise<WrittenFile> {
    const { csv, shape } = await writeCsv(dir, table);
    if (format === "csv") return csv;
    try {
      return await this.#convert(dir, table, csv, shape);
    } finally {
      await rm(join(dir, csv.path), { force: true });
    }
  }

  csvOf(table: Table): Iterable<string> {
    return csvChunks(table);
  }

  async #convert(dir: string, table: Table, csv: WrittenFile, shape: CsvShape): Promise<WrittenFile> {
    const path = parquetName(table.schema.name);
    await this.#parquet.convert(table.schema, shape, join(dir, csv.path), join(dir, path));
    return describeFile(dir, path);
  }

  async writeCurve(dir: string, name: string, curve: EquityCurve): Promise<WrittenFile> {
    return writeFile(dir, columnsName(name), async (write) => {
      for (const chunk of columnFileChunks(name, curve)) await write(chunk);
    });
  }

  async writeText(dir: string, path: string, text: string): Promise<WrittenFile> {
    return writeFile(dir, path, (write) => write(Buffer.from(text)));
  }

  describeTable({ schema, rows }: Table): ReturnType<ArtifactWriter["describeTable"]> {
    const hash = createHash("sha256");
    for (const chunk of csvChunks({ schema, rows })) hash.update(chunk);
    return { csv: { path: csvName(schema.name), sha256: hash.digest("hex") }, parquet: { path: parquetName(schema.name) } };
  }

  describeCurve(name: string, curve: EquityCurve): ReturnType<ArtifactWriter["describeCurve"]> {
    const hash = createHash("sha256");
    for (const chunk of columnFileChunks(name, curve)) hash.update(chunk);
    return { path: columnsName(name), sha256: hash.digest("hex") };
  }

  close(): Promise<void> {
    return this.#parquet.close();
  }
}

const csvName = (table: string): string => `${table}.csv`;
const parquetName = (table: string): string => `${table}.parquet`;
const columnsName = (table: string): string => `${table}.columns`;
async function writeCsv(dir: string, table: Table): Promise<{ readonly csv: WrittenFile; readonly shape: CsvShape }> {
  const chunks = csvChunks(table);
  let shape: CsvShape | null = null;
  const csv = await writeFile(dir, csvName(table.schema.name), async (write) => {
    let next = chunks.next();
    while (next.done !== true) {
      await write(Buffer.from(next.value));
      next = chunks.next();
    }
    shape = next.value;
  });
  if (shape === null) throw new Error(`${table.schema.name}.csv was not written`);
  return { csv, shape };
}

async function writeFile(
  dir: string,
  path: string,
  fill: (write: (bytes: Uint8Array) => Promise<void>) => Promise<void>,
): Promise<WrittenFile> {
  const hash = createHash("sha256");
  let bytes = 0;
  const file = await open(join(dir, path), "w");
  try {
    await fill(async (chunk) => {
      hash.update(chunk);
      bytes += chunk.length;
      await writeAll(file, chunk);
    });
  } finally {
    await file.close();
  }
  return { path, sha256: hash.digest("hex"), bytes };
}

/** One write call may take less than it was given. */
async function writeAll(file: FileHandle, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length; ) {
    const { bytesWritten } = await file.write(bytes, at, bytes.length - at);
    at += bytesWritten;
  }
}

async function describeFile(dir: string, path: string): Promise<WrittenFile> {
  const hash = createHash("sha256");
  const buffer = new Uint8Array(READ_BYTES);
  let bytes = 0;
  const file = await open(join(dir, path), "r");
  try {
    for (;;) {
      const { bytesRead } = await file.read(buffer, 0, READ_BYTES, null);
      if (bytesRead === 0) break;
      hash.update(buffer.subarray(0, bytesRead));
      bytes += bytesRead;
    }
  } finally {
    await file.close();
  }
  return { path, sha256: hash.digest("hex"), bytes };
}
