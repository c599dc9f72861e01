/** Reads zip archives, with every entry's checksum verified: market data arrive in them, and a flipped bit must not become a price. */

import { createReadStream } from "node:fs";
import { open } from "node:fs/promises";
import { crc32, createInflateRaw } from "node:zlib";

export interface ZipEntry {
  readonly name: string;
  /** 0 stored, 8 deflated. */
  readonly method: number;
  readonly crc32: number;
  readonly compressed_bytes: number;
  readonly bytes: number;
  /** Where the entry's local header stands in the archive. */
  readonly offset: number;
}

/** The archive is damaged, or uses something that is not supported. The message says which entry and what. */
export class BadZip extends Error {
  override readonly name = "BadZip";
}

const END = 0x06054b50;
const END64_LOCATOR = 0x07064b50;
const END64 = 0x06064b50;
const CENTRAL = 0x02014b50;
const LOCAL = 0x04034b50;
const LONGEST_TAIL = 65_557;

/** The files in an archive, folders left out, in the archive's order. @throws {BadZip} */
export async function zipEntries(path: string): Promise<ZipEntry[]> {
  const file = await open(path, "r");
  try {
    const { size } = await file.stat();
    const tailLength = Math.min(size, LONGEST_TAIL);
    const tail = await readExactly(file, size - tailLength, tailLength);
    let at = tail.length - 22;
    while (at >= 0 && tail.readUInt32LE(at) !== END) at -= 1;
    if (at < 0) throw new BadZip("is no zip archive, or its end is cut off");
    let count = tail.readUInt16LE(at + 10);
    let length = tail.readUInt32LE(at + 12);
    let start = tail.readUInt32LE(at + 16);
    if (count === 0xffff || length === 0xffffffff || start === 0xffffffff) {
      const end64 = await end64At(file, tail, at);
      count = Number(end64.readBigUInt64LE(32));
      length = Number(end64.readBigUInt64LE(40));
      start = Number(end64.readBigUInt64LE(48));
    }
    if (start + length > size) throw new BadZip("has a directory that lies outside the file");
    return parseDirectory(await readExactly(file, start, length), count);
  } finally {
    await file.close();
  }
}

type FileHandle = Awaited<ReturnType<typeof open>>;

async function readExactly(file: FileHandle, position: number, length: number): Promise<Buffer> {
  const buffer = Buffer.alloc(length);
  const { bytesRead } = await file.read(buffer, 0, length, position);
  if (bytesRead !== length) throw new BadZip("ends before its directory does");
  return buffer;
}

async function end64At(file: FileHandle, tail: Buffer, end: number): Promise<Buffer> {
  const locator = end - 20;
  if (locator < 0 || tail.readUInt32LE(locator) !== END64_LOCATOR) throw new BadZip("has no zip64 directory where one is needed");
  const record = await readExactly(file, Number(tail.readBigUInt64LE(locator + 8)), 56);
  if (record.readUInt32LE(0) !== END64) throw new BadZip("has a damaged zip64 directory");
  return record;
}

function parseDirectory(directory: Buffer, count: number): ZipEntry[] {
  const entries: ZipEntry[] = [];
  let at = 0;
  for (let i = 0; i < count; i++) {
    if (at + 46 > directory.length || directory.readUInt32LE(at) !== CENTRAL) throw new BadZip(`has a damaged directory at entry ${i + 1}`);
    const nameLength = directory.readUInt16LE(at + 28);
    const extraLength = directory.readUInt16LE(at + 30);
    const next = at + 46 + nameLength + extraLength + directory.readUInt16LE(at + 32);
    const name = directory.toString("utf8", at + 46, at + 46 + nameLength);
    if ((directory.readUInt16LE(at + 8) & 1) !== 0) throw new BadZip(`entry ${name} is encrypted`);
    const wide = wideSizes(directory.subarray(at + 46 + nameLength, at + 46 + nameLength + extraLength), {
      bytes: directory.readUInt32LE(at + 24),
      compressed_bytes: directory.readUInt32LE(at + 20),
      offset: directory.readUInt32LE(at + 42),
    });
    const method = directory.readUInt16LE(at + 10);
    if (!name.endsWith("/")) {
      if (method !== 0 && method !== 8)
        throw new BadZip(`entry ${name} is packed by method ${method}; only deflate and stored are supported`);
      entries.push({ name, method, crc32: directory.readUInt32LE(at + 16), ...wide });
    }
    at = next;
  }
  return entries;
}

function wideSizes(extra: Buffer, narrow: { bytes: number; compressed_bytes: number; offset: number }): typeof narrow {
  const wide = { ...narrow };
  for (let at = 0; at + 4 <= extra.length; at += 4 + extra.readUInt16LE(at + 2)) {
    if (extra.readUInt16LE(at) !== 1) continue;
    let field = at + 4;
    for (const key of ["bytes", "compressed_bytes", "offset"] as const) {
      if (wide[key] !== 0xffffffff) continue;
      wide[key] = Number(extra.readBigUInt64LE(field));
      field += 8;
    }
  }
  return wide;
}

/** The bytes of one entry. @throws {BadZip} where they do not give the entry's length and checksum. */
export async function* readZipEntry(path: string, entry: ZipEntry): AsyncGenerator<Uint8Array> {
  const start = await dataOffset(path, entry);
  if (entry.compressed_bytes === 0) {
    if (entry.bytes !== 0) throw new BadZip(`entry ${entry.name} is empty but should hold ${entry.bytes} bytes`);
    return;
  }
  const packed = createReadStream(path, { start, end: start + entry.compressed_bytes - 1, highWaterMark: 1 << 18 });
  const plain = entry.method === 0 ? packed : packed.pipe(createInflateRaw({ chunkSize: 1 << 18 }));
  packed.on("error", (error) => plain.destroy(error));
  let checksum = 0;
  let length = 0;
  try {
    for await (const chunk of plain as AsyncIterable<Buffer>) {
      checksum = crc32(chunk, checksum);
      length += chunk.length;
      if (length > entry.bytes) throw new BadZip(`entry ${entry.name} holds more than its ${entry.bytes} bytes`);
      yield chunk;
    }
  } catch (error) {
    if (isZlibError(error)) throw new BadZip(`entry ${entry.name} is damaged: ${error.message}`);
    throw error;
  } finally {
    packed.destroy();
    plain.destroy();
  }
  if (length !== entry.bytes) throw new BadZip(`entry ${entry.name} holds ${length} bytes instead of ${entry.bytes}`);
  if (checksum !== entry.crc32) throw new BadZip(`entry ${entry.name} is damaged: its checksum does not match`);
}

async function dataOffset(path: string, entry: ZipEntry): Promise<number> {
  const file = await open(path, "r");
  try {
    const header = await readExactly(file, entry.offset, 30);
    if (header.readUInt32LE(0) !== LOCAL) throw new BadZip(`entry ${entry.name} does not stand where the directory says`);
    return entry.offset + 30 + header.readUInt16LE(26) + header.readUInt16LE(28);
  } finally {
    await file.close();
  }
}

function isZlibError(error: unknown): error is Error {
  return error instanceof Error && "code" in error && typeof error.code === "string" && error.code.startsWith("Z_");
}
