import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { BackendFailure } from "../../src/adapters/event-store/log-backend.js";
import { MemoryEventStore } from "../../src/adapters/memory/memory-event-store.js";
import { sha256 } from "../../src/adapters/node-hash/sha256.js";
import type { Projection } from "../../src/core/projection/projection.js";
import type { JsonObject } from "../../src/core/tape/event.js";
import type { ProjectionStore } from "../../src/ports/projection-store.js";
import { InlineProjections } from "../../src/usecases/inline-projections.js";
import { loadState } from "../../src/usecases/load-state.js";
import type { ProjectionWorker } from "../../src/usecases/projection-worker.js";
import { activeHead, balances, history, MemoryJournal, openProjections, replayed, settle, worker } from "../support/projection-fixture.js";
import { deposit, ledgerCatalogue, MONDAY, openLog } from "../support/tape-fixture.js";
import { VirtualClock } from "../support/virtual-clock.js";

/** What happens to a log and to those who fold it. */
type Act =
  | { readonly kind: "append"; readonly amounts: readonly number[]; readonly hours: readonly number[] }
  | { readonly kind: "step"; readonly who: number }
  /** A worker loses its memory without letting go of anything. */
  | { readonly kind: "crash"; readonly who: number }
  /** The next save of a worker fails, before or after it was stored. */
  | { readonly kind: "fault"; readonly who: number; readonly stored: boolean }
  | { readonly kind: "close"; readonly who: number }
  | { readonly kind: "rebuild"; readonly who: number }
  | { readonly kind: "remove" }
  | { readonly kind: "lapse"; readonly ms: number };

const WORKERS = 3;
const who = fc.nat({ max: WORKERS - 1 });
const acts: fc.Arbitrary<readonly Act[]> = fc.array(
  fc.oneof(
    {
      weight: 4,
      arbitrary: fc
        .array(fc.tuple(fc.integer({ min: 1, max: 9 }), fc.nat({ max: 40 })), { minLength: 1, maxLength: 4 })
        .map((all): Act => ({ kind: "append", amounts: all.map(([amount]) => amount), hours: all.map(([, hour]) => hour) })),
    },
    { weight: 8, arbitrary: who.map((n): Act => ({ kind: "step", who: n })) },
    { weight: 1, arbitrary: who.map((n): Act => ({ kind: "crash", who: n })) },
    { weight: 1, arbitrary: fc.tuple(who, fc.boolean()).map(([n, stored]): Act => ({ kind: "fault", who: n, stored })) },
    { weight: 1, arbitrary: who.map((n): Act => ({ kind: "close", who: n })) },
    { weight: 1, arbitrary: who.map((n): Act => ({ kind: "rebuild", who: n })) },
    { weight: 1, arbitrary: fc.constant<Act>({ kind: "remove" }) },
    { weight: 2, arbitrary: fc.constantFrom(1, 400, 1_000).map((ms): Act => ({ kind: "lapse", ms })) },
  ),
  { maxLength: 60, size: "max" },
);

/** A store whose next save fails as a machine would: nothing stored, or stored and not told. */
class FaultyStore {
  fault: "before" | "after" | null = null;
  readonly store: ProjectionStore;

  constructor(store: ProjectionStore) {
    this.store = new Proxy(store, {
      get: (target, property) => {
        const value: unknown = Reflect.get(target, property, target);
        if (typeof value !== "function") return value;
        if (property !== "save") return value.bind(target);
        return async (...args: unknown[]) => {
          const fault = this.fault;
          this.fault = null;
          if (fault === "before") return { kind: "unavailable", cause: new BackendFailure("io", "lost", null, undefined).message };
          const outcome: unknown = await value.apply(target, args);
          return fault === "after" ? { kind: "unavailable", cause: "the answer was lost" } : outcome;
        };
      },
    });
  }
}

async function play<S extends JsonObject>(projection: Projection<S>, story: readonly Act[]): Promise<void> {
  const events = new MemoryEventStore({ sha256, now: () => MONDAY });
  const session = await openLog(events);
  const plain = await openProjections(events);
  const clock = new VirtualClock();
  const journal = new MemoryJournal();
  const stores = Array.from({ length: WORKERS }, () => new FaultyStore(plain));
  const make = (n: number, rebuild = false): ProjectionWorker<S> =>
    worker(projection, {
      ...{ session, store: stores[n]?.store ?? plain, clock, journal, rebuild, batch_events: 1 + n * 2, lease_ms: 500 },
      snapshots: { policy: { kind: "every", events: 3 }, keep: 4 },
    });
  const workers = Array.from({ length: WORKERS }, (_, n) => make(n));
  const checkpoints = new Map<number, number>();
  let put = 0;
  for (const act of story) {
    switch (act.kind) {
      case "append": {
        const batch = act.amounts.map((amount, i) => {
          put += 1;
          return deposit("run/one", `${put}`, {
            payload: { amount: String(amount) },
            occurred_at: MONDAY + (act.hours[i] ?? 0) * 3_600_000,
          });
        });
        await session.append([{ stream: `account/${put % 2}`, expected: "any", events: batch }]);
        break;
      }
      case "step": {
        const step = await workers[act.who]?.step();
        expect(["stopped", "halted"]).not.toContain(step?.kind);
        break;
      }
      case "crash":
        workers[act.who] = make(act.who);
        break;
      case "fault": {
        const store = stores[act.who];
        if (store !== undefined) store.fault = act.stored ? "after" : "before";
        break;
      }
      case "close":
        await workers[act.who]?.close();
        break;
      case "rebuild":
        workers[act.who] = make(act.who, true);
        break;
      case "remove":
        await plain.remove({ name: projection.name });
        break;
      case "lapse":
        clock.advance(act.ms);
        break;
    }
    await expectPrefix(projection, session, plain, checkpoints);
  }
  clock.advance(1_000);
  for (const store of stores) store.fault = null;
  await settle(make(0));
  const { state_hash, events: folded } = await replayed(projection, session);
  expect(await activeHead(plain, projection.name)).toMatchObject({ position: session.head().position, events: folded, state_hash });
  const loaded = await loadState({ projection, catalogue: ledgerCatalogue, session, store: plain, journal, hash: sha256 });
  expect(loaded).toMatchObject({ state_hash, ignored: [] });
  expect(journal.types().filter((type) => type !== "projection.activated")).toEqual([]);
}

/** At every moment what is stored is the fold of the log up to its checkpoint, which never goes back within a generation. */
async function expectPrefix<S extends JsonObject>(
  projection: Projection<S>,
  session: Parameters<typeof replayed>[1],
  store: ProjectionStore,
  checkpoints: Map<number, number>,
): Promise<void> {
  for (const head of await store.heads()) {
    expect(head.position, `generation ${head.generation}`).toBeGreaterThanOrEqual(checkpoints.get(head.generation) ?? 0);
    checkpoints.set(head.generation, head.position);
    const until = { ...session, readLog: () => session.readLog({ limit: head.position }) };
    const { state_hash } = head.position === 0 ? { state_hash: head.state_hash } : await replayed(projection, until);
    expect(head.state_hash, `at position ${head.position}`).toBe(state_hash);
  }
}

describe("any interleaving of appends, crashes, lost answers, takeovers and rebuilds", () => {
  test("gives the state of a full replay, by position", async () => {
    await fc.assert(
      fc.asyncProperty(acts, (story) => play(balances, story)),
      { numRuns: 150 },
    );
  });

  test("gives the state of a full replay, in event time, whatever comes late", async () => {
    await fc.assert(
      fc.asyncProperty(acts, (story) => play(history, story)),
      { numRuns: 150 },
    );
  });

  test("an inline projection is at the head after every append, through restarts of its writer", async () => {
    const steps = fc.array(fc.oneof(fc.integer({ min: 1, max: 5 }), fc.constant(0)), { maxLength: 25 });
    await fc.assert(
      fc.asyncProperty(steps, async (story) => {
        const events = new MemoryEventStore({ sha256, now: () => MONDAY });
        const journal = new MemoryJournal();
        const options = {
          projections: [balances],
          catalogue: ledgerCatalogue,
          log: "run/one",
          hash: sha256,
          clock: new VirtualClock(),
          journal,
        };
        let put = 0;
        const open = async () => {
          const inline = new InlineProjections(options);
          const opened = await openLog(events, { participant: inline });
          await inline.attach(opened, await openProjections(events));
          return opened;
        };
        let session = await open();
        for (const step of story) {
          if (step === 0) session = await open();
          const batch = Array.from({ length: step }, () => {
            put += 1;
            return deposit("run/one", `${put}`, { payload: { amount: String(put) } });
          });
          if (batch.length > 0) await session.append([{ stream: "account/1", expected: "any", events: batch }]);
          const { state_hash } = await replayed(balances, session);
          const head = await activeHead(await openProjections(events), "balances");
          expect(head).toMatchObject({ position: session.head().position, state_hash });
        }
      }),
      { numRuns: 60 },
    );
  });
});
