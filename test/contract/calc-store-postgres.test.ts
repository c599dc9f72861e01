import { openCalcStore } from "../support/calc-stores.js";
import { administer, emptyDatabase } from "../support/postgres-store.js";
import { sharedServer } from "../support/shared-postgres.js";
import { describeCalcStore } from "./calc-store.contract.js";

const dsn = await emptyDatabase(await sharedServer(), "calc");

describeCalcStore("PostgreSQL and Parquet", async () => {
  await administer(dsn, "DROP SCHEMA IF EXISTS onetape_calc CASCADE");
  return openCalcStore(dsn);
});
