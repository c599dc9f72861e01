import { createHash } from "node:crypto";
import { type FileHandle, open } from "node:fs/promises";
import { join } from "node:path";
import type { EquityCurve } from "../../core/projections/equity-curve.js";
import type { Table } from "../../core/projections/table.js";
import type { ArtifactWriter, WrittenFile } from "../../ports/artifact-writer.js";
import { columnFileChunks } from "./column-file.js";
import { type CsvShape, csvChunks } from "./csv-text.js";
import { parquetParts } from "./parquet-file.js";

/** Artifacts as files on disk. */
export class FileArtifactWriter implements ArtifactWriter {
  async writeTable(dir: string, table: Table): Promise<{ readonly parquet: WrittenFile; readonly csv: WrittenFile }> {
    const { csv, shape } = await writeCsv(dir, table);
    return { csv, parquet: await writeParquet(dir, table, shape) };
  }

  async writeTableAs(dir: string, table: Table, format: "csv" | "parquet"): Promise<WrittenFile> {
    return format === "csv" ? (await writeCsv(dir, table)).csv : writeParquet(dir, table, shapeOf(table));
  }

  csvOf(table: Table): Iterable<string> {
    return csvChunks(table);
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

function writeParquet(dir: string, table: Table, shape: CsvShape): Promise<WrittenFile> {
  return writeFile(dir, parquetName(table.schema.name), async (write) => {
    for await (const part of parquetParts(table, shape)) await write(part);
  });
}

function shapeOf(table: Table): CsvShape {
  const chunks = csvChunks(table);
  let next = chunks.next();
  while (next.done !== true) next = chunks.next();
  return next.value;
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
