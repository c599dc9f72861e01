import { expect, test } from "vitest";
import { MemoryEventStore } from "../../src/adapters/memory/memory-event-store.js";
import { sha256 } from "../../src/adapters/node-hash/sha256.js";
import type { TapeEvent } from "../../src/core/tape/event.js";
import { type LogVerdict, verifyLog } from "../../src/usecases/verify-log.js";
import { openToRead } from "../../src/usecases/workspace-logs.js";
import { askGrid, askRisk, begun, copied, MORNING, NOON, portsOn, quoteCommand, ran } from "../support/risk-session.js";

const memory = (): MemoryEventStore => new MemoryEventStore({ sha256, now: () => 0 });

async function verified(store: MemoryEventStore): Promise<LogVerdict> {
  const opened = await openToRead(store, "risk-session/desk");
  if (opened.session === null) throw new Error(opened.why);
  const verdict = await verifyLog(opened.session, { level: "L4", hash: sha256, projections: store });
  await opened.session.close();
  return verdict;
}

/** A day with a late quote, so that runs are superseded, and with states recorded on the way. */
async function day(store: MemoryEventStore): Promise<void> {
  const session = await begun(portsOn(store), { snapshot_every: 5 });
  await ran(session, ...MORNING, askRisk("noon", NOON), askGrid("grid", NOON));
  const acme = { kind: "spot", symbol: "ACME", currency: "USD", price: "99", dividend_yield: "0" } as const;
  const snapshot = { kind: "SNAPSHOT_REQUEST", schema_version: 1, command_id: "close", payload: { ts: NOON } };
  await ran(session, quoteCommand(90, acme, NOON - 1), snapshot);
  await session.close();
}

test("L4 of a session's log feeds what came in and gets every decision to the byte, late quotes and recorded states among them", async () => {
  const store = memory();
  await day(store);
  const { verdict, levels } = await verified(store);
  expect([verdict, levels.map(({ level, verdict: one }) => `${level} ${one}`)]).toEqual([
    "passed",
    ["L2 passed", "L3 passed", "L4 passed"],
  ]);
  expect(levels.at(-1)?.message).toMatch(/^\d+ decisions come out again to the byte, 4 results and 2 states among them$/);
});

/** A log whose hashes hold, and that says something else than its inputs make. */
async function forged(change: (event: TapeEvent) => object | null): Promise<LogVerdict> {
  const [store, other] = [memory(), memory()];
  await day(store);
  await copied(store, other, change);
  return verified(other);
}

test("L4 names the first decision that comes out otherwise, in a log whose every hash holds", async () => {
  const { verdict, levels } = await forged((event) => {
    const payload = JSON.parse(event.payload) as object;
    return event.type === "compute_run.superseded" ? { ...payload, by: "nobody" } : payload;
  });
  expect(verdict).toBe("failed");
  const failure = levels.at(-1)?.failure;
  expect([failure?.level, failure?.expected]).toEqual(["L4", expect.stringContaining('"by":"nobody"')]);
  expect(failure?.actual).toContain('"by":"quote/feed/90"');
});

test("L4 misses a decision that the inputs ask for and the log does not have", async () => {
  const { verdict, levels } = await forged((event) =>
    event.type === "market_snapshot.created" ? null : (JSON.parse(event.payload) as object),
  );
  expect(verdict).toBe("failed");
  expect(levels.at(-1)?.failure?.expected).toBe("nothing");
});

test("a job that failed for other reasons than the log says is a difference", async () => {
  const { verdict } = await forged((event) => {
    const payload = JSON.parse(event.payload) as object;
    if (event.type !== "compute_job.finished") return payload;
    return { ...payload, status: "failed", result_sha256: null, errors: [{ code: "ODD", field: "", value: "" }] };
  });
  expect(verdict).toBe("failed");
});
