import { grouped } from "../../../core/numeric/grouped.js";
import { rebuildCalculations } from "../../../usecases/rebuild-calculations.js";
import type { CommandResult, Invocation } from "../command.js";
import { failure } from "../failure.js";
import { withCalculations } from "../with-calculations.js";

/** Makes every row again from the log and the kept sources. */
export function run(invocation: Invocation): Promise<CommandResult> {
  const { io, signal } = invocation;
  return withCalculations(invocation, "rebuild", async ({ ports, log, registry }) => {
    const progress = io.progress("rebuild", "events");
    try {
      const report = await rebuildCalculations(ports, log, registry, {
        signal,
        onProgress: (done, total) => progress.update({ done, total, at: null }),
      });
      progress.end();
      const { kind: _, differences, ...counts } = report;
      const same = differences.length === 0;
      return {
        kind: "done",
        json: { schema: "onetape.calc-rebuild/1", identical: same, ...counts, differences },
        human: () =>
          `${grouped(counts.captures)} captures and ${grouped(counts.results)} results with ${grouped(counts.rows)} rows made again${same ? ": identical" : ""}${counts.removed === 0 ? "" : `; ${counts.removed} groups without an event removed`}\n`,
        ...(same ? {} : { problem: failure("MISMATCH", differences.slice(0, 20), "onetape calc verify") }),
      };
    } catch (error) {
      if (!signal.aborted) throw error;
      const kept = "stopped: every group is whole, as it was or made again; the same command begins again";
      return { kind: "aborted", kept, json: { schema: "onetape.calc-rebuild/1", status: "aborted" } };
    } finally {
      progress.end();
    }
  });
}
