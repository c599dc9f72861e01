/** What a first user of the weekly files does, with rows in SQLite and Parquet files. */
import { afterEach } from "vitest";
import { type OpenedCalcStore, openCalcStore } from "../support/calc-stores.js";
import { CalcWorkspace } from "../support/calc-workspace.js";

const opened: OpenedCalcStore[] = [];
CalcWorkspace.rowsByDefault = async () => {
  const store = await openCalcStore();
  opened.push(store);
  return store.store;
};
afterEach(async () => {
  for (const store of opened.splice(0)) await store.dispose();
});

await import("./finra-acceptance.scenarios.js");
