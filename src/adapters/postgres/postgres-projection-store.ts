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
import type { ClaimRequest } from "../event-store/decide-projection.js";
import { decideClaim, newRecord, refuseActivation, refuseSave, savedRecord } from "../event-store/decide-projection.js";
import { keptSnapshots } from "../event-store/kept-snapshots.js";
import { BackendFailure } from "../event-store/log-backend.js";
import type { PostgresConnection } from "./postgres-connection.js";
import { ProjectionRows } from "./projection-rows.js";

/**
 * The projections of one log on PostgreSQL, over a connection of its own.
 *
 * Every change is one transaction that holds off the others of the log, so decisions see what they decide about.
 */
export class PostgresProjectionStore implements ProjectionStore {
  readonly log: string;
  readonly #connect: () => Promise<PostgresConnection>;
  #connection: PostgresConnection | null;
  /** The end of the line: one connection does one thing at a time. */
  #line: Promise<unknown> = Promise.resolve();
  #closed = false;

  /** @param connect makes the connection again after it was lost. */
  constructor(log: string, connection: PostgresConnection, connect: () => Promise<PostgresConnection>) {
    this.log = log;
    this.#connection = connection;
    this.#connect = connect;
  }

  heads(): Promise<readonly ProjectionHead[]> {
    return this.#read((rows) => rows.heads());
  }

  read(key: ProjectionKey): Promise<ProjectionRecord | null> {
    return this.#read((rows) => rows.record(key));
  }

  begin(start: ProjectionStart): Promise<ProjectionHead> {
    return this.#change(async (rows) => {
      const there = (await rows.heads()).find(({ name, role }) => name === start.name && role === start.role);
      if (there !== undefined) return there;
      const { state, ...head } = newRecord(start, await rows.newestGeneration(start.name));
      await rows.put({ ...head, state });
      return head;
    });
  }

  claim(key: ProjectionKey, request: ClaimRequest): Promise<ClaimOutcome> {
    return this.#attempt(async (rows): Promise<ClaimOutcome> => {
      const record = await rows.record(key);
      const decision = decideClaim(record, request);
      if (decision.kind !== "grant" || record === null) return decision.kind === "grant" ? { kind: "gone" } : decision;
      const granted = { ...record, lease: decision.lease, lease_epoch: decision.lease.epoch };
      await rows.putHead(granted);
      return { kind: "granted", record: granted };
    });
  }

  save(save: ProjectionSave): Promise<SaveOutcome> {
    return this.#attempt((rows) => saveRows(rows, save));
  }

  renew(key: ProjectionKey, leaseEpoch: number, until: number): Promise<SaveOutcome> {
    return this.#attempt(async (rows): Promise<SaveOutcome> => {
      const head = await rows.head(key);
      if (head === null) return { kind: "gone" };
      const refused = refuseSave(head, { lease_epoch: leaseEpoch, expected_position: head.position });
      if (refused !== null || head.lease === null) return refused ?? { kind: "gone" };
      await rows.putHead({ ...head, lease: { ...head.lease, until } });
      return { kind: "saved" };
    });
  }

  async release(key: ProjectionKey, leaseEpoch: number): Promise<void> {
    await this.#change(async (rows) => {
      const head = await rows.head(key);
      if (head !== null && head.lease !== null && head.lease_epoch === leaseEpoch) await rows.putHead({ ...head, lease: null });
    });
  }

  activate(key: ProjectionKey, leaseEpoch: number): Promise<ActivateOutcome> {
    return this.#attempt(async (rows): Promise<ActivateOutcome> => {
      const building = await rows.head(key);
      const active = (await rows.heads()).find(({ name, role }) => name === key.name && role === "active") ?? null;
      const refused = refuseActivation(building, active, leaseEpoch);
      if (refused !== null || building === null) return refused ?? { kind: "gone" };
      if (active !== null) await rows.remove(active);
      await rows.putHead({ ...building, role: "active" });
      return { kind: "activated" };
    });
  }

  async remove(which: ProjectionKey | { readonly name: string }): Promise<void> {
    await this.#change(async (rows) => {
      const matches = (head: ProjectionHead): boolean =>
        head.name === which.name && (!("generation" in which) || head.generation === which.generation);
      for (const head of (await rows.heads()).filter(matches)) await rows.remove(head);
    });
  }

  parked(key: ProjectionKey): Promise<readonly PoisonedEvent[]> {
    return this.#read((rows) => rows.parked(key));
  }

  async putSnapshot(snapshot: Snapshot, keep: number): Promise<void> {
    await this.#change(async (rows) => {
      await rows.replaceSnapshots(snapshot.stream, keptSnapshots(await rows.snapshots(snapshot.stream), snapshot, keep));
    });
  }

  snapshots(stream: string): Promise<readonly Snapshot[]> {
    return this.#read((rows) => rows.snapshots(stream));
  }

  newestSnapshots(): Promise<readonly Snapshot[]> {
    return this.#read((rows) => rows.newestSnapshots());
  }

  async removeSnapshots(stream: string, positions?: readonly number[]): Promise<void> {
    await this.#change(async (rows) => {
      const kept = (await rows.snapshots(stream)).filter(({ position }) => positions !== undefined && !positions.includes(position));
      await rows.replaceSnapshots(stream, kept);
    });
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#line.catch(() => {});
    await this.#connection?.close();
  }

  #read<T>(work: (rows: ProjectionRows) => Promise<T>): Promise<T> {
    return this.#inLine((connection) => work(new ProjectionRows(this.log, connection.query.bind(connection))));
  }

  /** State and checkpoint are one transaction, so a commit that a server's crash takes away is folded again: none waits for its flush. */
  #change<T>(work: (rows: ProjectionRows) => Promise<T>): Promise<T> {
    return this.#inLine((connection) =>
      connection.transaction("BEGIN", async () => {
        const rows = new ProjectionRows(this.log, connection.query.bind(connection));
        await connection.query("SET LOCAL synchronous_commit TO off");
        await rows.lock();
        return work(rows);
      }),
    );
  }

  async #attempt<T>(work: (rows: ProjectionRows) => Promise<T>): Promise<T | { readonly kind: "unavailable"; readonly cause: string }> {
    try {
      return await this.#change(work);
    } catch (error) {
      if (!(error instanceof BackendFailure)) throw error;
      return { kind: "unavailable", cause: error.message };
    }
  }

  #inLine<T>(work: (connection: PostgresConnection) => Promise<T>): Promise<T> {
    const turn = this.#line.catch(() => {}).then(async () => work(await this.#connected()));
    this.#line = turn;
    return turn;
  }

  async #connected(): Promise<PostgresConnection> {
    if (this.#connection?.lost !== false) this.#connection = await this.#connect();
    return this.#connection;
  }
}

/** Stores state and checkpoint inside the caller's transaction, unless the checkpoint or the lease has moved. */
export async function saveRows(rows: ProjectionRows, save: ProjectionSave): Promise<SaveOutcome> {
  const head = await rows.head(save.key);
  const refused = refuseSave(head, save);
  if (refused !== null || head === null) return refused ?? { kind: "gone" };
  await rows.put(savedRecord(head, save, await rows.parkedUpTo(save.key, save.parked_after)));
  if (save.parked.length > 0 || head.parked > 0) await rows.replaceParked(save.key, save.parked_after, save.parked);
  return { kind: "saved" };
}
