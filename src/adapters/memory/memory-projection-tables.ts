import type { PoisonedEvent } from "../../core/projection/fold-events.js";
import type { Snapshot } from "../../core/projection/snapshot.js";
import type { ProjectionHead, ProjectionKey, ProjectionRecord } from "../../ports/projection-store.js";
import type { ProjectionTables } from "../event-store/projection-tables.js";

interface Contents {
  readonly records: ReadonlyMap<string, ProjectionRecord>;
  readonly parked: ReadonlyMap<string, readonly PoisonedEvent[]>;
  readonly generations: ReadonlyMap<string, number>;
  readonly snapshots: ReadonlyMap<string, readonly Snapshot[]>;
}

const idOf = ({ name, generation }: ProjectionKey): string => `${name}@${generation}`;

/** Tables in memory. They are replaced, never changed, so that a transaction is undone by putting back what was there. */
export class MemoryProjectionTables implements ProjectionTables {
  #contents: Contents = { records: new Map(), parked: new Map(), generations: new Map(), snapshots: new Map() };

  transact<T>(work: () => T): T {
    const before = this.mark();
    try {
      return work();
    } catch (error) {
      this.restore(before);
      throw error;
    }
  }

  /** What the tables hold now, for {@link restore}. */
  mark(): Contents {
    return this.#contents;
  }

  restore(contents: Contents): void {
    this.#contents = contents;
  }

  heads(): readonly ProjectionHead[] {
    const heads = [...this.#contents.records.values()].map(({ state: _, ...head }) => head);
    return heads.sort((a, b) => (a.name === b.name ? a.generation - b.generation : a.name < b.name ? -1 : 1));
  }

  head(key: ProjectionKey): ProjectionHead | null {
    const record = this.record(key);
    if (record === null) return null;
    const { state: _, ...head } = record;
    return head;
  }

  record(key: ProjectionKey): ProjectionRecord | null {
    return this.#contents.records.get(idOf(key)) ?? null;
  }

  put(record: ProjectionRecord): void {
    const { name, generation } = record;
    this.#change({
      records: new Map(this.#contents.records).set(idOf(record), record),
      generations: new Map(this.#contents.generations).set(name, Math.max(generation, this.newestGeneration(name))),
    });
  }

  putHead(head: ProjectionHead): void {
    const record = this.record(head);
    if (record !== null) this.put({ ...record, ...head, state: record.state });
  }

  remove(key: ProjectionKey): void {
    const records = new Map(this.#contents.records);
    const parked = new Map(this.#contents.parked);
    records.delete(idOf(key));
    parked.delete(idOf(key));
    this.#change({ records, parked });
  }

  newestGeneration(name: string): number {
    return this.#contents.generations.get(name) ?? 0;
  }

  parked(key: ProjectionKey): readonly PoisonedEvent[] {
    return this.#contents.parked.get(idOf(key)) ?? [];
  }

  parkedUpTo(key: ProjectionKey, position: number): number {
    return this.parked(key).filter((event) => event.position <= position).length;
  }

  replaceParked(key: ProjectionKey, after: number, events: readonly PoisonedEvent[]): void {
    const kept = this.parked(key).filter(({ position }) => position <= after);
    const all = [...kept, ...events].sort((a, b) => a.position - b.position);
    this.#change({ parked: new Map(this.#contents.parked).set(idOf(key), all) });
  }

  snapshots(stream: string): readonly Snapshot[] {
    return this.#contents.snapshots.get(stream) ?? [];
  }

  newestSnapshots(): readonly Snapshot[] {
    const newest = [...this.#contents.snapshots.values()].flatMap(([first]) => first ?? []);
    return newest.sort((a, b) => (a.stream < b.stream ? -1 : 1));
  }

  replaceSnapshots(stream: string, snapshots: readonly Snapshot[]): void {
    this.#change({ snapshots: new Map(this.#contents.snapshots).set(stream, snapshots) });
  }

  close(): void {}

  #change(part: Partial<Contents>): void {
    this.#contents = { ...this.#contents, ...part };
  }
}
