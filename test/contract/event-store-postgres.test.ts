import { afterAll } from "vitest";
import type { PostgresEventStore } from "../../src/adapters/postgres/postgres-event-store.js";
import { clearDatabase, newDatabase, postgresStore } from "../support/postgres-store.js";
import { sharedServer } from "../support/shared-postgres.js";
import type { StoreUnderTest } from "./event-store.contract.js";
import { describeEventStore } from "./event-store.contract.js";

const server = await sharedServer();
/** Databases that a test before has left empty. */
const free: string[] = [];
const stores: PostgresEventStore[] = [];

afterAll(async () => {
  for (const store of stores.splice(0)) await store.close();
});

async function postgres(now: () => number): Promise<StoreUnderTest> {
  const taken: string[] = [];
  const take = async (): Promise<string> => {
    const dsn = free.pop() ?? (await newDatabase(server, "contract"));
    taken.push(dsn);
    return dsn;
  };
  const on = (dsn: string): PostgresEventStore => {
    const store = postgresStore(dsn, { now });
    stores.push(store);
    return store;
  };
  const [home, other] = [await take(), await take()];
  const others = [other];
  return {
    store: on(home),
    reopen: () => on(home),
    another: () => {
      const dsn = others.pop();
      if (dsn === undefined) throw new Error("one other store is enough for a test");
      return on(dsn);
    },
    dispose: async () => {
      for (const store of stores.splice(0)) await store.close();
      for (const dsn of taken) await clearDatabase(dsn);
      free.push(...taken);
    },
  };
}

describeEventStore("PostgreSQL, in rows", "rows", postgres);
describeEventStore("PostgreSQL, in segments", "segments", postgres);
