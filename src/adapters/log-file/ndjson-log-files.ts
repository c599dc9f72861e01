import { createHash, type Hash } from "node:crypto";
import { existsSync } from "node:fs";
import { type FileHandle, mkdir, open, rename } from "node:fs/promises";
import { dirname } from "node:path";
import type { CommittedBlock } from "../../core/tape/committed-block.js";
import type { TapeEvent } from "../../core/tape/event.js";
import type { LogFileFault, LogFileHeader, LogFileReader, LogFiles, LogFileWriter } from "../../ports/log-file.js";
import { flushFolder } from "../sqlite/flush-file.js";
import { blockLines, endLine, headerLine, type LogFileEnd, parseLogLine } from "./log-lines.js";
import { readFileLines } from "./read-log-lines.js";

/** Where a file gathers until it is whole. */
export function partialPathOf(path: string): string {
  return `${path}.part`;
}

/** Logs as NDJSON: readable by any program, checkable line by line, never taken for whole while they are not. */
export const ndjsonLogFiles: LogFiles = { read, write };

async function read(path: string): Promise<LogFileReader | LogFileFault> {
  if (!existsSync(path)) {
    const partial = existsSync(partialPathOf(path)) ? `; ${partialPathOf(path)} is an export that was interrupted` : "";
    return { code: "LOG_FILE_MISSING", line: 0, message: `there is no such file${partial}` };
  }
  const header = await firstHeader(path);
  if ("code" in header) return header;
  // Said before anything else is done with it: most files that are not whole were cut off.
  const last = parseLogLine((await lastLine(path)) ?? "", header.log);
  if (last.kind !== "end") {
    const message = "the file does not end with an end line: it was cut off, or is still being written";
    return { code: "LOG_FILE_PARTIAL", line: 0, message };
  }
  return new NdjsonReader(path, header);
}

class NdjsonReader implements LogFileReader {
  readonly header: LogFileHeader;
  readonly #path: string;
  #fault: LogFileFault | null = null;

  constructor(path: string, header: LogFileHeader) {
    this.#path = path;
    this.header = header;
  }

  fault(): LogFileFault | null {
    return this.#fault;
  }

  async *blocks(): AsyncGenerator<CommittedBlock> {
    this.#fault = null;
    const hash = createHash("sha256");
    let events: TapeEvent[] = [];
    let position = 0;
    let end: LogFileEnd | null = null;
    for await (const line of readFileLines(this.#path)) {
      const say = (message: string): void => {
        this.#fault = { code: "LOG_FILE_INVALID", line: line.number, message };
      };
      if (end !== null) return say("a line follows the end");
      const parsed = parseLogLine(line.text, this.header.log);
      if (parsed.kind === "end") {
        end = parsed.end;
        const { lines_sha256, events: count, head } = parsed.end;
        const sum = hash.digest("hex");
        if (sum !== lines_sha256) return say(`the lines before have the hash ${sum}, the end says ${lines_sha256}`);
        const same = head.position === position && count === position && head.position === this.header.head.position;
        if (!same || head.hash !== this.header.head.hash || events.length > 0)
          return say(`the end says position ${head.position}, the header ${this.header.head.position}, the events end at ${position}`);
        continue;
      }
      hash.update(line.bytes);
      if (parsed.kind === "invalid") return say(parsed.cause);
      if (parsed.kind === "header" ? line.number !== 1 : parsed.kind === "newer") return say("a header stands within the file");
      if (parsed.kind === "event") events.push(parsed.event);
      if (parsed.kind !== "anchor") continue;
      position = parsed.anchor.position;
      yield { anchor: parsed.anchor, events };
      events = [];
    }
    if (end === null) this.#fault = { code: "LOG_FILE_PARTIAL", line: 0, message: "the file was cut off while it was read" };
  }
}

async function firstHeader(path: string): Promise<LogFileHeader | LogFileFault> {
  for await (const { text, whole } of readFileLines(path)) {
    const parsed = whole ? parseLogLine(text, "") : null;
    if (parsed?.kind === "header") return parsed.header;
    if (parsed?.kind === "newer")
      return { code: "LOG_FILE_NEWER", line: 1, message: `the file has the form ${parsed.schema}, which a newer Onetape writes` };
    break;
  }
  return { code: "LOG_FILE_INVALID", line: 1, message: "this is no export of a log: its first line is no header" };
}

/** Longer than any end line. */
const TAIL_BYTES = 4_096;

async function lastLine(path: string): Promise<string | null> {
  const file = await open(path, "r");
  try {
    const { size } = await file.stat();
    const tail = Buffer.alloc(Math.min(size, TAIL_BYTES));
    await file.read(tail, 0, tail.length, size - tail.length);
    const text = tail.toString("utf8");
    return text.endsWith("\n") ? (text.slice(0, -1).split("\n").at(-1) ?? null) : null;
  } finally {
    await file.close();
  }
}

async function write(path: string, header: LogFileHeader): Promise<NdjsonWriter> {
  await mkdir(dirname(path), { recursive: true });
  const partial = partialPathOf(path);
  const before = existsSync(partial) ? await firstHeader(partial) : null;
  // An export that goes on ends where it was to end: the log may have grown meanwhile.
  const goesOn = before !== null && !("code" in before) && before.log === header.log && before.head.position <= header.head.position;
  const file = await open(partial, goesOn ? "r+" : "w+");
  const writer = new NdjsonWriter(path, file, goesOn ? before : header);
  if (!goesOn) await writer.restart(header);
  return writer;
}

/** Lines that gather before they are written: a log of small blocks is not a call of the system for each. */
const GATHERED_BYTES = 256 * 1_024;

class NdjsonWriter implements LogFileWriter {
  readonly #path: string;
  readonly #file: FileHandle;
  #header: LogFileHeader;
  #hash: Hash = createHash("sha256");
  #gathered: Buffer[] = [];
  #gatheredBytes = 0;
  /** Where the gathered lines go. */
  #offset = 0;
  #position = 0;
  #closed = false;

  constructor(path: string, file: FileHandle, header: LogFileHeader) {
    this.#path = path;
    this.#file = file;
    this.#header = header;
  }

  get header(): LogFileHeader {
    return this.#header;
  }

  /** Whole blocks of an earlier attempt; what follows the last of them is cut off when they have been read. */
  get kept(): AsyncIterable<CommittedBlock> {
    return this.#kept();
  }

  async *#kept(): AsyncGenerator<CommittedBlock> {
    if (this.#offset > 0) return;
    let events: TapeEvent[] = [];
    let waiting: Buffer[] = [];
    for await (const line of readFileLines(partialPathOf(this.#path))) {
      const parsed = line.whole ? parseLogLine(line.text, this.#header.log) : null;
      if (parsed === null || parsed.kind === "invalid" || parsed.kind === "end" || parsed.kind === "newer") break;
      waiting.push(line.bytes);
      if (parsed.kind === "event") events.push(parsed.event);
      if (parsed.kind === "event") continue;
      for (const bytes of waiting) this.#hash.update(bytes);
      waiting = [];
      this.#offset = line.end;
      if (parsed.kind === "header") continue;
      this.#position = parsed.anchor.position;
      yield { anchor: parsed.anchor, events };
      events = [];
    }
    await this.#file.truncate(this.#offset);
  }

  async restart(header: LogFileHeader): Promise<void> {
    this.#header = header;
    await this.#file.truncate(0);
    this.#hash = createHash("sha256");
    this.#gathered = [];
    this.#gatheredBytes = 0;
    this.#offset = 0;
    this.#position = 0;
    await this.#write(headerLine(this.#header));
  }

  async append(block: CommittedBlock): Promise<void> {
    await this.#write(blockLines(block));
    this.#position = block.anchor.position;
  }

  async finish(): Promise<{ readonly bytes: number; readonly sha256: string }> {
    const lines_sha256 = this.#hash.copy().digest("hex");
    await this.#write(endLine({ events: this.#position, head: this.#header.head, lines_sha256 }));
    await this.#flush();
    await this.#file.truncate(this.#offset);
    await this.#file.sync();
    await this.close();
    await rename(partialPathOf(this.#path), this.#path);
    flushFolder(dirname(this.#path));
    return { bytes: this.#offset, sha256: this.#hash.digest("hex") };
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    try {
      await this.#flush();
    } finally {
      await this.#file.close();
    }
  }

  async #write(text: string): Promise<void> {
    const bytes = Buffer.from(text);
    this.#hash.update(bytes);
    this.#gathered.push(bytes);
    this.#gatheredBytes += bytes.length;
    if (this.#gatheredBytes >= GATHERED_BYTES) await this.#flush();
  }

  async #flush(): Promise<void> {
    const bytes = Buffer.concat(this.#gathered);
    this.#gathered = [];
    this.#gatheredBytes = 0;
    for (let written = 0; written < bytes.length; ) {
      const { bytesWritten } = await this.#file.write(bytes, written, bytes.length - written, this.#offset + written);
      written += bytesWritten;
    }
    this.#offset += bytes.length;
  }
}
