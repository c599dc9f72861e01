/**
 * A disk in memory under the production session: frames are written, then flushed, and a fault may come before, between and after.
 *
 * What processes see is the page cache; what a power cut leaves is every flushed frame and a beginning of the others.
 */
import { BackendProjectionStore } from "../../../src/adapters/event-store/backend-projection-store.js";
import { BackendFailure } from "../../../src/adapters/event-store/log-backend.js";
import { BackendLogSession } from "../../../src/adapters/event-store/log-session.js";
import { MemoryBackend, MemoryLog } from "../../../src/adapters/memory/memory-log.js";
import { sha256 } from "../../../src/adapters/node-hash/sha256.js";
import { storedStream } from "../../../src/core/tape/names.js";
import { buildRegistry } from "../../../src/core/tape/registry.js";
import type { EventStore, OpenOptions, OpenOutcome } from "../../../src/ports/event-store.js";
import type { OpenProjectionsOutcome, ProjectionStores } from "../../../src/ports/projection-store.js";

type Commit = MemoryLog["commits"][number];

interface Frame {
  readonly commit: Commit | null;
  readonly epoch: number;
  readonly tables: ReturnType<MemoryLog["projections"]["mark"]>;
  durable: boolean;
}

/** What happens to the next write. A killed process leaves the page cache, a power cut takes it. */
export type DiskFault = {
  readonly when: "before_write" | "torn" | "before_flush" | "after_flush";
  readonly what: "kill" | "power" | "full" | "io";
};

export class VirtualDisk {
  readonly #files = new Map<string, { readonly log: MemoryLog; frames: Frame[] }>();
  #fault: DiskFault | null = null;
  #down = false;
  struck = 0;
  /** Rises with every change of what is stored. */
  changes = 0;

  arm(fault: DiskFault): void {
    this.#fault = fault;
  }

  heal(): void {
    this.#fault = null;
  }

  /** True from a death in the middle of a write until {@link reboot}: what the dead still do reaches nothing. */
  get down(): boolean {
    return this.#down;
  }

  reboot(): void {
    this.#down = false;
  }

  fileOf(log: string, layout: MemoryLog["layout"]): MemoryLog {
    const known = this.#files.get(log);
    if (known !== undefined) return known.log;
    const made = new MemoryLog(log, layout);
    this.#files.set(log, { log: made, frames: [] });
    return made;
  }

  has(log: string): boolean {
    return this.#files.has(log);
  }

  /** Whether an event would survive a power cut. */
  isDurable(log: string, id: string): boolean {
    const file = this.#files.get(log);
    return file?.frames.some(({ durable, commit }) => durable && commit?.block.ids.includes(id) === true) ?? false;
  }

  /** Makes `change`, writes what it left, and flushes it. @throws {BackendFailure} where a fault strikes; whether it is there is then known to nobody. */
  write(name: string, change: () => void): void {
    if (this.#down) throw new BackendFailure("io", "the machine is down", null, undefined);
    const file = this.#files.get(name);
    if (file === undefined) throw new Error(`there is no file of ${name}`);
    const fault = this.#fault;
    this.#fault = null;
    this.changes += 1;
    const commits = file.log.commits.length;
    const frame = (): Frame => ({
      commit: file.log.commits.length > commits ? (file.log.commits.at(-1) as Commit) : null,
      epoch: file.log.epoch,
      tables: file.log.projections.mark(),
      durable: false,
    });
    if (fault?.when === "before_write") this.#strike(fault);
    change();
    const written = frame();
    file.frames.push(written);
    if (fault?.when === "torn") {
      file.frames.pop();
      this.#reload(name);
      this.#strike(fault);
    }
    if (fault?.when === "before_flush") {
      // A kernel that could not flush forgets what it could not flush.
      if (fault.what === "io" || fault.what === "full") {
        file.frames.pop();
        this.#reload(name);
      }
      this.#strike(fault);
    }
    for (const pending of file.frames) pending.durable = true;
    if (fault?.when === "after_flush") this.#strike(fault);
  }

  /** @param keep how many of the frames that were not flushed are there all the same. */
  cutPower(keep: (below: number) => number): void {
    this.changes += 1;
    for (const [name, file] of this.#files) {
      const flushed = file.frames.filter(({ durable }) => durable).length;
      file.frames = file.frames.slice(0, flushed + keep(file.frames.length - flushed + 1));
      for (const frame of file.frames) frame.durable = true;
      this.#reload(name);
    }
  }

  #strike(fault: DiskFault): void {
    this.struck += 1;
    if (fault.what === "kill" || fault.what === "power") {
      this.#down = true;
      if (fault.what === "power") this.cutPower(() => 0);
    }
    throw new BackendFailure(fault.what === "full" ? "full" : "io", `the disk: ${fault.what} ${fault.when}`, null, undefined);
  }

  #reload(name: string): void {
    const file = this.#files.get(name);
    if (file === undefined) return;
    const { log, frames } = file;
    log.commits.length = 0;
    log.positions.clear();
    log.versions.clear();
    for (const { commit } of frames) {
      if (commit === null) continue;
      log.commits.push(commit);
      const { block } = commit;
      for (let i = 0; i < block.count; i++) {
        log.positions.set(block.ids[i] ?? "", block.first_position + i);
        log.versions.set(storedStream(block.log, block.streams[i] ?? ""), block.versions[i] ?? 0);
      }
    }
    const last = frames.at(-1);
    log.epoch = last?.epoch ?? 0;
    log.projections.restore(last?.tables ?? new MemoryLog(name, log.layout).projections.mark());
  }
}

class DiskBackend extends MemoryBackend {
  readonly #disk: VirtualDisk;
  readonly #name: string;

  constructor(disk: VirtualDisk, log: MemoryLog) {
    super(log);
    this.#disk = disk;
    this.#name = log.log;
  }

  override commit(): void {
    this.#disk.write(this.#name, () => super.commit());
  }
}

/** Logs on a virtual disk, through the production session and projection store. */
export class VirtualStore implements EventStore, ProjectionStores {
  readonly #disk: VirtualDisk;
  readonly #now: () => number;

  constructor(disk: VirtualDisk, now: () => number) {
    this.#disk = disk;
    this.#now = now;
  }

  async open(options: OpenOptions): Promise<OpenOutcome> {
    if (options.mode === "read" && !this.#disk.has(options.log)) return { kind: "not_found", log: options.log };
    const log = this.#disk.fileOf(options.log, options.layout ?? "rows");
    try {
      if (options.mode === "write")
        this.#disk.write(options.log, () => {
          log.epoch += 1;
        });
    } catch (error) {
      if (!(error instanceof BackendFailure)) throw error;
      return { kind: "unavailable", cause: error.message };
    }
    const session = new BackendLogSession({
      log: options.log,
      registry: buildRegistry(options.catalogue),
      backend: new DiskBackend(this.#disk, log),
      epoch: options.mode === "write" ? log.epoch : null,
      durability: "durable",
      sha256,
      now: this.#now,
      participant: options.mode === "write" ? options.participant : undefined,
    });
    return { kind: "opened", session };
  }

  async openProjections(log: string): Promise<OpenProjectionsOutcome> {
    if (!this.#disk.has(log)) return { kind: "not_found", log };
    const disk = this.#disk;
    const tables = disk.fileOf(log, "rows").projections;
    // A transaction of its own is written and flushed as an append is.
    const onDisk = new Proxy(tables, {
      get(of, name) {
        if (name === "transact")
          return <T>(work: () => T): T => {
            let result: { readonly value: T } | null = null;
            of.transact(() => disk.write(log, () => (result = { value: work() })));
            return (result as unknown as { readonly value: T }).value;
          };
        const value: unknown = Reflect.get(of, name, of);
        return typeof value === "function" ? value.bind(of) : value;
      },
    });
    return { kind: "opened", store: new BackendProjectionStore(log, onDisk) };
  }

  async logs(): Promise<readonly string[]> {
    return [];
  }

  async close(): Promise<void> {}
}
