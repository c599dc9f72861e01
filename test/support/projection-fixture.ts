import { sha256 } from "../../src/adapters/node-hash/sha256.js";
import type { OpsNote } from "../../src/core/ops/ops-events.js";
import { foldEvents } from "../../src/core/projection/fold-events.js";
import { initialState, stateHash } from "../../src/core/projection/projected-state.js";
import type { Projection } from "../../src/core/projection/projection.js";
import type { JsonObject } from "../../src/core/tape/event.js";
import { buildRegistry } from "../../src/core/tape/registry.js";
import type { EventStore, LogSession } from "../../src/ports/event-store.js";
import type { OpsJournal } from "../../src/ports/ops-journal.js";
import type { ProjectionHead, ProjectionStore, ProjectionStores } from "../../src/ports/projection-store.js";
import { ProjectionWorker, type ProjectionWorkerOptions, type WorkerStep } from "../../src/usecases/projection-worker.js";
import { ledgerCatalogue, readAll } from "./tape-fixture.js";
import { VirtualClock } from "./virtual-clock.js";

/** Deposits by stream, in whole units. A deposit of 666 is poison. */
export type Balances = { readonly accounts: { readonly [stream: string]: string }; readonly deposits: number };

export const balances: Projection<Balances> = {
  name: "balances",
  version: 1,
  order: "position",
  types: ["money.deposited"],
  initial: { accounts: {}, deposits: 0 },
  evolve(state, { stream, payload }) {
    const amount = BigInt(String(payload["amount"]));
    if (amount === 666n) throw new Error("the amount of the beast");
    const before = BigInt(state.accounts[stream] ?? "0");
    return { accounts: { ...state.accounts, [stream]: String(before + amount) }, deposits: state.deposits + 1 };
  },
};

/** What each deposit brought the account to, in the order of its time: the order decides the state. */
export type History = { readonly last: number; readonly balance: string; readonly trail: string };

export const history: Projection<History> = {
  name: "history",
  version: 1,
  order: "event_time",
  types: ["money.deposited"],
  initial: { last: 0, balance: "0", trail: "" },
  evolve(state, { occurred_at, id, payload }) {
    const amount = BigInt(String(payload["amount"]));
    if (amount === 666n) throw new Error("the amount of the beast");
    if (occurred_at < state.last) throw new Error("folded out of time");
    return { last: occurred_at, balance: String(BigInt(state.balance) + amount), trail: sha256(`${state.trail}${id}${amount}`) };
  },
};

/** A journal that remembers. */
export class MemoryJournal implements OpsJournal {
  readonly notes: OpsNote[] = [];

  async note(note: OpsNote): Promise<void> {
    this.notes.push(note);
  }

  types(): readonly string[] {
    return this.notes.map(({ type }) => type);
  }
}

export async function openProjections(stores: ProjectionStores, log = "run/one"): Promise<ProjectionStore> {
  const outcome = await stores.openProjections(log);
  if (outcome.kind === "opened") return outcome.store;
  throw new Error(`the projections did not open: ${JSON.stringify(outcome)}`);
}

export type WorkerParts = Pick<ProjectionWorkerOptions, "session" | "store"> & Partial<Omit<ProjectionWorkerOptions, "projection">>;

let owners = 0;

/** A worker on the ledger, with an owner of its own. */
export function worker<S extends JsonObject>(projection: Projection<S>, parts: WorkerParts): ProjectionWorker<S> {
  owners += 1;
  const defaults = {
    catalogue: ledgerCatalogue,
    hash: sha256,
    clock: new VirtualClock(),
    journal: new MemoryJournal(),
    owner: `worker ${owners}`,
  };
  return new ProjectionWorker({ ...defaults, ...parts, projection });
}

/** Steps until there is nothing to do; @returns every step. */
export async function settle(of: { step(): Promise<WorkerStep> }, limit = 10_000): Promise<readonly WorkerStep[]> {
  const steps: WorkerStep[] = [];
  for (let n = 0; n < limit; n++) {
    const step = await of.step();
    steps.push(step);
    if (["idle", "halted", "stopped", "held", "unavailable"].includes(step.kind)) return steps;
  }
  throw new Error(`${limit} steps did not settle: ${JSON.stringify(steps.slice(-3))}`);
}

/** Hash and state that a fold of the whole log gives, with no store in between. */
export async function replayed<S extends JsonObject>(
  projection: Projection<S>,
  session: LogSession,
  policy: "halt" | "park" = "halt",
): Promise<{ readonly state: S; readonly state_hash: string; readonly events: number }> {
  const events = await readAll(session);
  const folded = foldEvents({ projection, registry: buildRegistry(ledgerCatalogue), from: initialState(projection), events, policy });
  if (folded.kind === "late") throw new Error("nothing is late from the start on");
  return { state: folded.to.state, state_hash: stateHash(projection.name, folded.text, sha256), events: folded.to.events };
}

export async function activeHead(store: ProjectionStore, name: string): Promise<ProjectionHead | null> {
  return (await store.heads()).find((head) => head.name === name && head.role === "active") ?? null;
}

export type StoreWithProjections = EventStore & ProjectionStores;
