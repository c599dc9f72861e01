import type { PostgresEventStore } from "../../src/adapters/postgres/postgres-event-store.js";
import { clearDatabase, newDatabase, postgresStore } from "../support/postgres-store.js";
import { sharedServer } from "../support/shared-postgres.js";
import { describeProjectionStore } from "./projection-store.contract.js";

const dsn = await newDatabase(await sharedServer(), "projections");

describeProjectionStore("PostgreSQL", async (now) => {
  const stores: PostgresEventStore[] = [];
  const open = (): PostgresEventStore => {
    const store = postgresStore(dsn, { now });
    stores.push(store);
    return store;
  };
  return {
    store: open(),
    reopen: open,
    dispose: async () => {
      for (const store of stores) await store.close();
      await clearDatabase(dsn);
    },
  };
});
