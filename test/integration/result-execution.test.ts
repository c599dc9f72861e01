/** Where a result's rows came from: the event that made them, and the batch of their files. */
import { expect, test } from "vitest";
import { compareRows } from "../../src/core/calc/canonical-rows.js";
import { CalcWorkspace, DAY } from "../support/calc-workspace.js";

const WEEK = "2025-12-26";

test("rows name the event that made them and the batch of their file, and a comparison knows neither", async () => {
  const workspace = await CalcWorkspace.open();
  await workspace.take(WEEK, [["A", "ETRD", 10, 1]], { batch_id: "nightly" });
  await workspace.run("symbol_summary", [WEEK]);
  const [before] = await workspace.rows("symbol_summary");
  workspace.clock += DAY;
  await workspace.run("symbol_summary", [WEEK], { force: true });
  const [after] = await workspace.rows("symbol_summary");
  await workspace.log.tellTables();
  const [execution] = await workspace.ports.rows.readCore("core_executions");
  expect([before?.["batch_id"], after?.["batch_id"]]).toEqual(["nightly", "nightly"]);
  expect(after?.["execution_id"]).toBe(execution?.["execution_id"]);
  expect(after?.["execution_id"]).not.toBe(before?.["execution_id"]);
  expect(before !== undefined && after !== undefined && compareRows([before], [after]).equal).toBe(true);
  // The rows themselves hold neither: they were stored before there was an event.
  const [stored] = await workspace.ports.rows.readRows("finra_otc_transparency_symbol_summary", "symbol_summary", ["v1"], null);
  expect(Object.keys(stored ?? {})).not.toEqual(expect.arrayContaining(["execution_id"]));
});

test("a log that is opened again names the same event", async () => {
  const workspace = await CalcWorkspace.open();
  await workspace.take(WEEK, [["A", "ETRD", 10, 1]], { batch_id: "nightly" });
  await workspace.run("symbol_summary", [WEEK]);
  const before = await workspace.rows("symbol_summary");
  const { store, rows, sources } = workspace.ports;
  await workspace.log.close();
  const again = await CalcWorkspace.open({ store, rows, sources });
  expect(await again.rows("symbol_summary")).toEqual(before);
});

test("a result of several tiers has a batch where all their files came with it, and none otherwise", async () => {
  for (const [other, batch] of [
    ["nightly", "nightly"],
    ["by hand", null],
  ] as const) {
    const workspace = await CalcWorkspace.open();
    await workspace.take(WEEK, [["A", "ETRD", 10, 1]], { batch_id: "nightly" });
    await workspace.take(WEEK, [["A", "ETRD", 30, 1]], { tier: "NMS_TIER_1", batch_id: other });
    await workspace.run("weekly_symbol_tier_volume_share", [WEEK], { tiers: ["OTC", "NMS_TIER_1"] });
    const rows = await workspace.rows("weekly_symbol_tier_volume_share");
    expect(rows.map((row) => row["batch_id"])).toEqual([batch, batch]);
  }
});
