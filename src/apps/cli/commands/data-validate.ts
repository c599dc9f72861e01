import { renderTable } from "../../../adapters/terminal/table.js";
import { grouped } from "../../../core/numeric/grouped.js";
import { validateData } from "../../../usecases/validate-data.js";
import type { CommandResult, Invocation } from "../command.js";
import { failure } from "../failure.js";
import { withData } from "../with-data.js";

const columns = [
  { title: "capture" },
  { title: "symbol" },
  { title: "rows", numeric: true },
  { title: "" },
  { title: "file" },
  { title: "columns" },
  { title: "cache" },
];

export async function run(invocation: Invocation): Promise<CommandResult> {
  const { args, io } = invocation;
  return withData(
    invocation,
    "validate",
    (ports, run) => validateData(ports, { what: args[0] }, run),
    ({ ok, captures }) => {
      const bad = captures.filter((capture) => !capture.ok);
      const details = bad.flatMap(({ capture_id, violations }) =>
        violations.map((violation) => ({ ...violation, field: violation.field ?? capture_id })),
      );
      const rows = captures.map((capture) => [
        capture.capture_id.slice(0, 12),
        `${capture.symbol} ${capture.timeframe}`,
        grouped(capture.rows),
        capture.ok ? io.out.good("ok") : io.out.bad("FAILED"),
        capture.object,
        capture.column_set,
        capture.cache,
      ]);
      return {
        kind: "done",
        json: { schema: "onetape.data-validate/1", ok, items: captures },
        human: () => (captures.length === 0 ? "nothing to validate: no captures yet\n" : renderTable(columns, rows, io.out)),
        ...(ok ? {} : { problem: failure("VERIFICATION_FAILED", details, "onetape data import FILE, from the source") }),
      };
    },
  );
}
