/** Tables that another version of the product made: refused by name, and made again from the log. */
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { openPostgresCalcDatabase } from "../../src/adapters/calc-rows/postgres-calc-database.js";
import { openSqliteCalcDatabase } from "../../src/adapters/calc-rows/sqlite-calc-database.js";
import { postgresTarget } from "../../src/adapters/postgres/postgres-dsn.js";
import { ingestWeek, normaliseCapture, openCalculations, queryCalculation, runCalculations } from "../../src/index.js";
import { rebuildCalculations } from "../../src/usecases/rebuild-calculations.js";
import { verifyCalculations } from "../../src/usecases/verify-calculations.js";
import { openCalcStore } from "../support/calc-stores.js";
import { compactFile } from "../support/finra-week.js";
import { emptyDatabase } from "../support/postgres-store.js";
import { sharedServer } from "../support/shared-postgres.js";

const WEEK = "2025-12-26";

/** What an earlier version would have left: a bookkeeping table without a later column, and no note of the layout, or another one. */
const EARLIER = [
  ["no note at all", "DROP TABLE calc_layout"],
  ["another note", "UPDATE calc_layout SET fingerprint = 'of an earlier version'"],
] as const;

test.each(EARLIER)("a workspace with %s is refused with the command that mends it, and that command does", async (_, change) => {
  const home = mkdtempSync(join(tmpdir(), "onetape-calc-layout-"));
  const open = async (mode: "read" | "write" | "rebuild") => {
    const opened = await openCalculations({ home, store: "sqlite" }, { mode });
    if ("kind" in opened) throw new Error(JSON.stringify(opened));
    return opened;
  };
  const ask = async () => {
    const { ports, log, registry, close } = await open("read");
    const answer = await queryCalculation(ports, log, registry, { calc: "venue_share" });
    const objects = readdirSync(join(home, "calculations", "objects"), { recursive: true }).sort();
    await close();
    return [answer, objects];
  };
  const writing = await open("write");
  const { ports, log, registry } = writing;
  const path = join(home, `week_${WEEK}.psv`);
  writeFileSync(
    path,
    compactFile(WEEK, [
      ["A", "ETRD", 1_500, 2],
      ["-", "SCHW", -5, 1],
    ]),
  );
  const taken = await ingestWeek(ports, log, { path, tier: "OTC" });
  if (taken.kind === "ingested") await normaliseCapture(ports, log, taken.capture_id);
  await runCalculations(ports, log, registry, { calc: "venue_share", weeks: [WEEK], tiers: ["OTC"] }, async () => {});
  await log.tellTables();
  const executions = await writing.rows.readCore("core_executions");
  await writing.close();
  const before = await ask();
  const database = await openSqliteCalcDatabase(join(home, "calculations", "rows.db"));
  await database.run("ALTER TABLE core_captures DROP COLUMN source_bytes");
  await database.run(change);
  await database.close();
  for (const mode of ["read", "write"] as const)
    expect(await openCalculations({ home, store: "sqlite" }, { mode })).toMatchObject({
      kind: "refused",
      reason: "unavailable",
      violations: [{ code: "TABLES_OUTDATED" }],
      next: "onetape calc rebuild",
    });
  const rebuilding = await open("rebuild");
  expect(await rebuildCalculations(rebuilding.ports, rebuilding.log, rebuilding.registry)).toMatchObject({ captures: 1, differences: [] });
  expect(await verifyCalculations(rebuilding.ports, rebuilding.log, rebuilding.registry)).toMatchObject({ failures: [] });
  expect(await rebuilding.rows.readCore("core_captures")).toMatchObject([{ week_ending: WEEK, source_bytes: expect.any(Number) }]);
  // Named again from the log as they were when they were appended.
  expect(executions).toMatchObject([{ execution_id: expect.any(String) }]);
  expect(await rebuilding.rows.readCore("core_executions")).toEqual(executions);
  expect(await rebuilding.rows.readCore("core_data_readiness")).toMatchObject([
    { week_ending: WEEK, is_ready: 0, blocking_issues: expect.stringContaining("NMS_TIER_1") },
  ]);
  await rebuilding.close();
  expect(await ask()).toEqual(before);
  rmSync(home, { recursive: true, force: true });
});

test("PostgreSQL refuses tables of another version too, and drops all of them", async () => {
  const dsn = await emptyDatabase(await sharedServer(), "layout");
  const opened = await openCalcStore(dsn);
  await opened.database.run(EARLIER[1][1]);
  await expect(openCalcStore(dsn)).rejects.toThrow("made by another version");
  const database = await openPostgresCalcDatabase(postgresTarget(dsn));
  await database.drop();
  expect([await database.columnsOf("core_captures"), await database.columnsOf("calc_groups")]).toEqual([[], []]);
  await database.close();
  const again = await openCalcStore(dsn);
  expect(await again.store.readCore("core_captures")).toEqual([]);
  await again.dispose();
  await opened.dispose();
});
