import type { PoisonedEvent } from "../../core/projection/fold-events.js";
import type { Snapshot } from "../../core/projection/snapshot.js";
import type {
  ActivateOutcome,
  ClaimOutcome,
  ProjectionHead,
  ProjectionKey,
  ProjectionRecord,
  ProjectionSave,
  ProjectionStart,
  ProjectionStore,
  SaveOutcome,
} from "../../ports/projection-store.js";
import { type ClaimRequest, decideClaim, newRecord, refuseActivation, refuseSave } from "./decide-projection.js";
import { keptSnapshots } from "./kept-snapshots.js";
import { BackendFailure } from "./log-backend.js";
import type { ProjectionTables } from "./projection-tables.js";
import { saveProjection } from "./save-projection.js";

/** The projections of one log on any synchronous technology. Reads throw {@link BackendFailure} where the machine fails. */
export class BackendProjectionStore implements ProjectionStore {
  readonly log: string;
  readonly #tables: ProjectionTables;

  constructor(log: string, tables: ProjectionTables) {
    this.log = log;
    this.#tables = tables;
  }

  async heads(): Promise<readonly ProjectionHead[]> {
    return this.#tables.heads();
  }

  async read(key: ProjectionKey): Promise<ProjectionRecord | null> {
    return this.#tables.record(key);
  }

  async begin(start: ProjectionStart): Promise<ProjectionHead> {
    const tables = this.#tables;
    return tables.transact(() => {
      const there = tables.heads().find(({ name, role }) => name === start.name && role === start.role);
      if (there !== undefined) return there;
      const { state, ...head } = newRecord(start, tables.newestGeneration(start.name));
      tables.put({ ...head, state });
      return head;
    });
  }

  async claim(key: ProjectionKey, request: ClaimRequest): Promise<ClaimOutcome> {
    const tables = this.#tables;
    return this.#attempt(() => {
      const record = tables.record(key);
      const decision = decideClaim(record, request);
      if (decision.kind !== "grant" || record === null) return decision.kind === "grant" ? { kind: "gone" } : decision;
      const granted = { ...record, lease: decision.lease, lease_epoch: decision.lease.epoch };
      tables.putHead(granted);
      return { kind: "granted", record: granted };
    });
  }

  async save(save: ProjectionSave): Promise<SaveOutcome> {
    return this.#attempt(() => saveProjection(this.#tables, save));
  }

  async renew(key: ProjectionKey, leaseEpoch: number, until: number): Promise<SaveOutcome> {
    const tables = this.#tables;
    return this.#attempt((): SaveOutcome => {
      const head = tables.head(key);
      if (head === null) return { kind: "gone" };
      const refused = refuseSave(head, { lease_epoch: leaseEpoch, expected_position: head.position });
      if (refused !== null || head.lease === null) return refused ?? { kind: "gone" };
      tables.putHead({ ...head, lease: { ...head.lease, until } });
      return { kind: "saved" };
    });
  }

  async release(key: ProjectionKey, leaseEpoch: number): Promise<void> {
    const tables = this.#tables;
    tables.transact(() => {
      const head = tables.head(key);
      if (head !== null && head.lease !== null && head.lease_epoch === leaseEpoch) tables.putHead({ ...head, lease: null });
    });
  }

  async activate(key: ProjectionKey, leaseEpoch: number): Promise<ActivateOutcome> {
    const tables = this.#tables;
    return this.#attempt((): ActivateOutcome => {
      const building = tables.head(key);
      const active = tables.heads().find(({ name, role }) => name === key.name && role === "active") ?? null;
      const refused = refuseActivation(building, active, leaseEpoch);
      if (refused !== null || building === null) return refused ?? { kind: "gone" };
      if (active !== null) tables.remove(active);
      tables.putHead({ ...building, role: "active" });
      return { kind: "activated" };
    });
  }

  async remove(which: ProjectionKey | { readonly name: string }): Promise<void> {
    const tables = this.#tables;
    tables.transact(() => {
      const matches = (head: ProjectionHead): boolean =>
        head.name === which.name && (!("generation" in which) || head.generation === which.generation);
      for (const head of tables.heads().filter(matches)) tables.remove(head);
    });
  }

  async parked(key: ProjectionKey): Promise<readonly PoisonedEvent[]> {
    return this.#tables.parked(key);
  }

  async putSnapshot(snapshot: Snapshot, keep: number): Promise<void> {
    const tables = this.#tables;
    tables.transact(() => tables.replaceSnapshots(snapshot.stream, keptSnapshots(tables.snapshots(snapshot.stream), snapshot, keep)));
  }

  async snapshots(stream: string): Promise<readonly Snapshot[]> {
    return this.#tables.snapshots(stream);
  }

  async newestSnapshots(): Promise<readonly Snapshot[]> {
    return this.#tables.newestSnapshots();
  }

  async removeSnapshots(stream: string, positions?: readonly number[]): Promise<void> {
    const tables = this.#tables;
    tables.transact(() =>
      tables.replaceSnapshots(
        stream,
        tables.snapshots(stream).filter(({ position }) => positions !== undefined && !positions.includes(position)),
      ),
    );
  }

  async close(): Promise<void> {
    this.#tables.close();
  }

  #attempt<T>(work: () => T): T | { readonly kind: "unavailable"; readonly cause: string } {
    try {
      return this.#tables.transact(work);
    } catch (error) {
      if (!(error instanceof BackendFailure)) throw error;
      return { kind: "unavailable", cause: error.message };
    }
  }
}
