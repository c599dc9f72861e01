/** What a first user of the weekly files does, with rows in PostgreSQL and Parquet files. */
import { afterEach } from "vitest";
import { type OpenedCalcStore, openCalcStore } from "../support/calc-stores.js";
import { CalcWorkspace } from "../support/calc-workspace.js";
import { emptyDatabase } from "../support/postgres-store.js";
import { sharedServer } from "../support/shared-postgres.js";

const server = await sharedServer();
const opened: OpenedCalcStore[] = [];
CalcWorkspace.rowsByDefault = async () => {
  const store = await openCalcStore(await emptyDatabase(server, "finra"));
  opened.push(store);
  return store.store;
};
afterEach(async () => {
  for (const store of opened.splice(0)) await store.dispose();
});

await import("./finra-acceptance.scenarios.js");
