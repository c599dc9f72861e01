import { renderTable } from "../../../adapters/terminal/table.js";
import { grouped } from "../../../core/numeric/grouped.js";
import type { ProjectionHealth } from "../../../usecases/projection-health.js";
import { listProjections } from "../../../usecases/workspace-projections.js";
import type { CommandResult, Invocation } from "../command.js";
import { failure } from "../failure.js";
import { projectionProblem } from "../projection-problem.js";
import { withProjections } from "../with-projections.js";

const columns = [
  { title: "log" },
  { title: "projection" },
  { title: "code" },
  { title: "position", numeric: true },
  { title: "lag", numeric: true },
  { title: "state" },
  { title: "condition" },
];

export function run(invocation: Invocation): Promise<CommandResult> {
  const { flags, io } = invocation;
  return withProjections(invocation, async (ports) => {
    const { items, unreadable } = await listProjections(ports, flags.text("log") ?? null);
    if (unreadable.length > 0) {
      const details = unreadable.map(({ log, why }) => ({ code: "STORE_UNAVAILABLE", message: `the log ${log} cannot be opened: ${why}` }));
      return { kind: "failed", failure: failure("STORE_UNAVAILABLE", details, "onetape verify --all") };
    }
    const waiting = items.find(({ condition }) => condition !== "current");
    return {
      kind: "done",
      json: { schema: "onetape.projections/1", items },
      human: () => (items.length === 0 ? "no log with projections yet\n" : renderTable(columns, items.map(row), io.out)),
      next: waiting === undefined ? [] : [`onetape projections rebuild ${waiting.name} --log ${waiting.log}`],
      ...projectionProblem(items),
    };
  });
}

function row({ log, name, code_version, position, lag_events, state_sha256, condition }: ProjectionHealth): readonly string[] {
  return [log, name, code_version ?? "-", grouped(position), grouped(lag_events), state_sha256?.slice(0, 12) ?? "-", condition];
}
