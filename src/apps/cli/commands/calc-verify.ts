import { grouped } from "../../../core/numeric/grouped.js";
import type { Violation } from "../../../core/quality/violation.js";
import { verifyCalculations } from "../../../usecases/verify-calculations.js";
import type { CommandResult, Invocation } from "../command.js";
import { failure } from "../failure.js";
import { withCalculations } from "../with-calculations.js";

/** Reads everything that is stored again and compares it with the log. */
export function run(invocation: Invocation): Promise<CommandResult> {
  const { io, signal } = invocation;
  return withCalculations(invocation, "read", async ({ ports, rows, log, registry }) => {
    const progress = io.progress("verify", "groups");
    try {
      const found: Violation[] = [];
      for (const group of await rows.groups()) {
        const state = await rows.verify(group);
        if (state === "ok") continue;
        const what = group.calc_name === "" ? group.table : `${group.calc_name} ${group.calc_version}`;
        found.push({
          code: `FILE_${state.toUpperCase()}`,
          field: group.capture_id,
          message: `${what} of ${group.capture_id}: its file is ${state}`,
          expected: group.sha256 ?? "",
        });
      }
      // Rows of a file that is not what it was cannot be read; the file itself was told.
      const broken = found.length > 0;
      const report = broken
        ? null
        : await verifyCalculations(ports, log, registry, {
            signal,
            onProgress: (done, total) => progress.update({ done, total, at: null }),
          });
      progress.end();
      const failures = [...found, ...(report?.failures ?? [])];
      const { captures = 0, results = 0, rows: counted = 0 } = report ?? {};
      return {
        kind: "done",
        json: { schema: "onetape.calc-verify/1", verified: failures.length === 0, captures, results, rows: counted, failures },
        human: () =>
          failures.length === 0
            ? `${grouped(captures)} captures, ${grouped(results)} results with ${grouped(counted)} rows: everything is what the log says\n`
            : "",
        ...(failures.length === 0 ? {} : { problem: failure("VERIFICATION_FAILED", failures.slice(0, 20), "onetape calc rebuild") }),
      };
    } finally {
      progress.end();
    }
  });
}
