/** A disk that fails on request, for processes that are started with {@link DiskFaults.env}: this side says what goes wrong, disk-faults.c does it. */
import { execFileSync } from "node:child_process";
import { chmodSync, closeSync, existsSync, mkdirSync, openSync, readFileSync, readSync, writeFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { sha256 } from "../../../src/adapters/node-hash/sha256.js";

const SOURCE = fileURLToPath(new URL("disk-faults.c", import.meta.url));
const CACHE = fileURLToPath(new URL("../../../node_modules/.cache/onetape-test", import.meta.url));

const OPERATIONS = { sync: 1, write: 2, read: 3 } as const;
const ACTIONS = { kill_before: 1, kill_after: 2, fail: 3, fail_after: 4, short: 5, elsewhere: 6 } as const;
const ERRORS = { EIO: 5, ENOSPC: 28 } as const;
/** Where the path filter begins in the page that both sides share, and where the counters stand. */
const [PATH_AT, FIRED_AT, SYNCS_AT, NAMED_SYNCS_AT, PAGE] = [64, 16, 32, 36, 4096] as const;

/** One thing that goes wrong. */
export interface DiskFault {
  readonly at: keyof typeof OPERATIONS;
  /** `short` lets `room` more bytes through and then fails; `elsewhere` reads from `shift` bytes further on. */
  readonly action: keyof typeof ACTIONS;
  /** The how manieth such call it is, from 1. Default 1. */
  readonly nth?: number;
  /** Part of the path of the file. */
  readonly path: string;
  readonly error?: keyof typeof ERRORS;
  /** Every call from then on, until {@link DiskFaults.heal}. */
  readonly lasting?: boolean;
  readonly room?: number;
  readonly shift?: number;
}

/** Why this machine cannot run processes on a disk that fails, or null. */
export function whyNoDiskFaults(): string | null {
  if (process.platform !== "linux") return "disk faults are injected by LD_PRELOAD, which only Linux has";
  try {
    library();
    return null;
  } catch (error) {
    return `disk faults need a C compiler: ${error instanceof Error ? (error.message.split("\n")[0] ?? "") : String(error)}`;
  }
}

/** The compiled library; it is compiled once for each content of its source. */
function library(): string {
  const path = join(CACHE, `disk-faults-${sha256(readFileSync(SOURCE, "utf8")).slice(0, 16)}.so`);
  if (existsSync(path)) return path;
  mkdirSync(CACHE, { recursive: true });
  const scratch = `${path}.${process.pid}`;
  execFileSync("cc", ["-shared", "-fPIC", "-O1", "-o", scratch, SOURCE, "-ldl", "-lpthread"], { stdio: "pipe" });
  execFileSync("mv", [scratch, path]);
  return path;
}

export class DiskFaults {
  readonly #control: string;
  readonly #library: string;
  /** Where changes of files are taken down; see power-cut.ts. */
  readonly trace: string;
  readonly #folder: string;

  /** @param folder of control page, trace and library, readable for whoever runs the process. */
  constructor(folder: string) {
    this.#folder = folder;
    this.#control = join(folder, "disk-faults.control");
    this.#library = join(folder, "disk-faults.so");
    this.trace = join(folder, "disk-faults.trace");
    writeFileSync(this.#control, Buffer.alloc(PAGE));
    writeFileSync(this.#library, readFileSync(library()));
    chmodSync(this.#control, 0o666);
    chmodSync(this.#library, 0o755);
  }

  /** Environment of a process whose disk may fail. @param traced part of the paths whose changes are taken down. */
  env(traced?: string): NodeJS.ProcessEnv {
    const tracing = traced === undefined ? {} : { ONETAPE_FAULT_TRACE: this.trace, ONETAPE_FAULT_TRACED: traced };
    return { LD_PRELOAD: this.#library, ONETAPE_FAULT_CONTROL: this.#control, ...tracing };
  }

  get folder(): string {
    return this.#folder;
  }

  arm({ at, action, nth = 1, path, error = "EIO", lasting = false, room = 0, shift = 0 }: DiskFault): void {
    const page = Buffer.alloc(PATH_AT + 256);
    const values = [0, ACTIONS[action], nth, ERRORS[error], 0, lasting ? 1 : 0, room, shift];
    for (const [i, value] of values.entries()) page.writeInt32LE(value, i * 4);
    page.write(path, PATH_AT);
    // The operation comes last: what stands beside it is whole by then.
    this.#write(page, 4);
    const operation = Buffer.alloc(4);
    operation.writeInt32LE(OPERATIONS[at]);
    this.#write(operation, 0);
  }

  /** All is well from here on. */
  heal(): void {
    this.#write(Buffer.alloc(8), 0);
  }

  /** How often the armed fault has struck. */
  get fired(): number {
    return this.#read(FIRED_AT);
  }

  /** Flushes since the start. */
  get syncs(): number {
    return this.#read(SYNCS_AT);
  }

  /** Those of them that were of the files that a fault named. */
  get namedSyncs(): number {
    return this.#read(NAMED_SYNCS_AT);
  }

  #write(page: Buffer, from: number): void {
    const descriptor = openSync(this.#control, "r+");
    try {
      // The counters are the other side's.
      const part = from === 4 ? [page.subarray(4, SYNCS_AT), page.subarray(PATH_AT)] : [page];
      writeSync(descriptor, part[0] as Buffer, 0, (part[0] as Buffer).length, from);
      if (part[1] !== undefined) writeSync(descriptor, part[1], 0, part[1].length, PATH_AT);
    } finally {
      closeSync(descriptor);
    }
  }

  #read(at: number): number {
    const descriptor = openSync(this.#control, "r");
    try {
      const value = Buffer.alloc(4);
      readSync(descriptor, value, 0, 4, at);
      return value.readInt32LE();
    } finally {
      closeSync(descriptor);
    }
  }
}
