import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { MONDAY, openLog } from "../../test/support/tape-fixture.js";
import { sha256, sha256Bytes } from "../adapters/node-hash/sha256.js";
import { logFilesIn } from "../adapters/sqlite/log-files.js";
import { SqliteEventStore } from "../adapters/sqlite/sqlite-event-store.js";
import { runCatalogue } from "../core/engine/run-event-schemas.js";
import type { OrderCreated } from "../core/engine/run-events.js";
import { type RecordedOrder, recordOrder } from "./record-order.js";

const order: OrderCreated = {
  order_id: "O1",
  idempotency_key: "f7ee2938e54aa4d3",
  signal_id: "S1",
  symbol: "AAA",
  side: "buy",
  order_type: "market",
  time_in_force: "DAY",
  qty: "10",
  reduce_only: false,
};

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "onetape-orders-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Records through a store of its own, as a restarted process would. */
async function record(changes: Partial<OrderCreated> = {}, at: number = MONDAY): Promise<RecordedOrder> {
  const store = new SqliteEventStore({ files: logFilesIn(folder), sha256, sha256Bytes, now: () => MONDAY });
  const session = await openLog(store, { log: "paper/one", catalogue: runCatalogue });
  try {
    return await recordOrder(session, { ...order, ...changes }, at, sha256);
  } finally {
    await session.close();
    await store.close();
  }
}

test("a key makes one order, after a restart and at another time too", async () => {
  expect(await record()).toEqual({ kind: "recorded", order });
  expect(await record()).toEqual({ kind: "same", order });
  expect(await record({ order_id: "O2", signal_id: "S2" }, MONDAY + 60_000)).toEqual({ kind: "same", order });
});

test("a key with another meaning is a conflict that names the field, at another time too", async () => {
  await record();
  expect(await record({ order_id: "O2", qty: "11" }, MONDAY + 60_000)).toEqual({ kind: "conflict", order, field: "qty" });
});

test("another key under a taken order id is not recorded", async () => {
  await record();
  expect(await record({ idempotency_key: "62fe476f1b746a77" })).toMatchObject({ kind: "failed", outcome: { kind: "version_conflict" } });
});
