/** The quality report over a real week that was taken in. */
import { expect, onTestFinished, test } from "vitest";
import { MemoryCalcStore } from "../../src/adapters/memory/memory-calc-store.js";
import { gatherQuality } from "../../src/usecases/quality-report.js";
import { CalcWorkspace, contentOf } from "../support/calc-workspace.js";
import { testWorkspace } from "../support/data-workspace.js";
import { compactFile } from "../support/finra-week.js";
import { describeShared, sharedPath } from "../support/shared-data.js";

describeShared("a real week in the quality report", () => {
  test("has its lines, its balance and its grade; a week with rejects counts them by reason", async () => {
    const workspace = await testWorkspace();
    onTestFinished(() => workspace.remove());
    const calculations = await CalcWorkspace.open({ store: workspace.ports.store, rows: new MemoryCalcStore() });
    const real = await calculations.ingest({ path: sharedPath("finra", "weekly", "finra_otc_weekly_otc_20251215.csv") });
    await calculations.normalise(real.capture_id);
    const rows = compactFile("2025-12-26", [
      ["A", "ETRD", 10, 1],
      ["", "ETRD", -5, 1],
    ]);
    await calculations.normalise((await calculations.ingest(contentOf(rows, "week_2025-12-26.psv"))).capture_id);
    await calculations.log.close();
    const gathered = await gatherQuality(workspace.ports, { version: "0.0.0" });
    if (gathered.kind === "refused") throw new Error(JSON.stringify(gathered.violations));
    // 5,328 data lines: counted in the file itself, without its header.
    expect(gathered.report.files).toMatchObject([
      { capture_id: real.capture_id, raw: 5_328, normalised: 5_328, rejected: 0, balanced: true, grade: "A", rejects: [] },
      {
        raw: 2,
        normalised: 1,
        rejected: 1,
        balanced: true,
        rejects: [
          { reason: "INVALID_SYMBOL", count: 1 },
          { reason: "NEGATIVE_VOLUME", count: 1 },
        ],
      },
    ]);
    // Newest first: the second file has a reject and no summary yet, neither week has the other tiers.
    expect(gathered.report.weeks.map(({ week_ending, ready_for }) => [week_ending, ready_for])).toEqual([
      ["2025-12-26", { research: false, trading: false, compliance: false }],
      ["2025-12-12", { research: false, trading: false, compliance: false }],
    ]);
    expect(gathered.report.weeks[1]?.blocking_issues.join()).toContain("stages are missing: OTC AGGREGATED");
  });
});
