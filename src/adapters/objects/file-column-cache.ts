import { randomBytes } from "node:crypto";
import { mkdir, open, readdir, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { BarColumns } from "../../core/market/bars.js";
import { HASHED_COLUMNS, littleEndianBytes } from "../../core/market/column-set.js";
import type { ColumnCache } from "../../ports/column-cache.js";

const MAGIC = "OTCOLUM1";
const HEADER_BYTES = 4096;
const READ_BYTES = 1 << 26;
const LITTLE_ENDIAN = new Uint8Array(Float64Array.of(1).buffer)[7] === 0x3f;

type Shape = Omit<BarColumns, (typeof HASHED_COLUMNS)[number]>;

/**
 * Column sets as raw little-endian files: a header of 4,096 bytes (a mark, the length of the schema's JSON, the JSON), then the columns
 * one after the other. Loading reads them straight into one shared buffer, without a parser and without a number being touched.
 */
export class FileColumnCache implements ColumnCache {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  async load(columnSet: string): Promise<BarColumns | null> {
    let file: Awaited<ReturnType<typeof open>>;
    try {
      file = await open(this.#path(columnSet), "r");
    } catch (error) {
      if (error instanceof Error && "code" in error && error.code === "ENOENT") return null;
      throw error;
    }
    try {
      const { size } = await file.stat();
      const header = Buffer.alloc(HEADER_BYTES);
      await file.read(header, 0, HEADER_BYTES, 0);
      const shape = parseHeader(header);
      if (shape === null || size !== HEADER_BYTES + shape.rows * 8 * HASHED_COLUMNS.length || !LITTLE_ENDIAN) return null;
      const shared = new SharedArrayBuffer(size - HEADER_BYTES);
      for (let at = 0; at < shared.byteLength; ) {
        const wanted = Math.min(READ_BYTES, shared.byteLength - at);
        const { bytesRead } = await file.read(new Uint8Array(shared, at, wanted), 0, wanted, HEADER_BYTES + at);
        if (bytesRead === 0) return null;
        at += bytesRead;
      }
      return columnsOver(shape, shared);
    } finally {
      await file.close();
    }
  }

  async save(columnSet: string, columns: BarColumns): Promise<void> {
    const path = this.#path(columnSet);
    await mkdir(dirname(path), { recursive: true });
    const temporary = `${path}.${process.pid}-${randomBytes(4).toString("hex")}.tmp`;
    const file = await open(temporary, "wx");
    try {
      await file.write(headerOf(columns));
      for (const name of HASHED_COLUMNS) {
        const bytes = littleEndianBytes(columns[name].subarray(0, columns.rows));
        for (let at = 0; at < bytes.length; at += READ_BYTES) await file.writeFile(bytes.subarray(at, at + READ_BYTES));
      }
      await file.close();
      await rename(temporary, path);
    } catch (error) {
      await file.close();
      await rm(temporary, { force: true });
      throw error;
    }
    await this.#sweep(path);
  }

  async drop(columnSet: string): Promise<void> {
    await rm(this.#path(columnSet), { force: true });
  }

  /** Removes what killed processes left behind of this set. */
  async #sweep(path: string): Promise<void> {
    const folder = dirname(path);
    for (const name of await readdir(folder)) {
      const leftover = join(folder, name);
      if (!leftover.endsWith(".tmp") || !leftover.startsWith(`${path}.`)) continue;
      if (!isAlive(Number.parseInt(leftover.slice(path.length + 1), 10))) await rm(leftover, { force: true });
    }
  }

  #path(columnSet: string): string {
    return join(this.#folder, columnSet.slice(0, 2), `${columnSet}.columns`);
  }
}

/** True while a process runs: its temporary file is still being written. */
function isAlive(pid: number): boolean {
  if (!Number.isSafeInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // A process of another user answers with a refusal, and runs.
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}

function headerOf(columns: BarColumns): Buffer {
  const { symbol, timeframe, price_mode, basis, price_scale, volume_scale, has_volume, rows } = columns;
  const shape: Shape = { symbol, timeframe, price_mode, basis, price_scale, volume_scale, has_volume, rows };
  const text = Buffer.from(JSON.stringify(shape), "utf8");
  const header = Buffer.alloc(HEADER_BYTES);
  header.write(MAGIC, 0, "latin1");
  header.writeUInt32LE(text.length, 8);
  text.copy(header, 12);
  return header;
}

/** The header's schema, or null. It is a cache: anything odd means that it is made anew, and the content's hash covers the schema too. */
function parseHeader(header: Buffer): Shape | null {
  if (header.toString("latin1", 0, 8) !== MAGIC) return null;
  const length = header.readUInt32LE(8);
  if (length > HEADER_BYTES - 12) return null;
  try {
    const shape: unknown = JSON.parse(header.toString("utf8", 12, 12 + length));
    return isShape(shape) ? shape : null;
  } catch {
    return null;
  }
}

function isShape(value: unknown): value is Shape {
  if (typeof value !== "object" || value === null) return false;
  const shape: Partial<Record<keyof Shape, unknown>> = value;
  const texts = [shape.symbol, shape.timeframe, shape.price_mode, shape.basis];
  const numbers = [shape.price_scale, shape.volume_scale, shape.rows];
  return (
    texts.every((t) => typeof t === "string") && numbers.every((n) => Number.isSafeInteger(n)) && typeof shape.has_volume === "boolean"
  );
}

function columnsOver(shape: Shape, shared: SharedArrayBuffer): BarColumns {
  const column = (index: number): Float64Array => new Float64Array(shared, index * shape.rows * 8, shape.rows);
  return { ...shape, ts: column(0), open: column(1), high: column(2), low: column(3), close: column(4), volume: column(5) };
}
