import { grouped } from "../../../core/numeric/grouped.js";
import type { JsonObject } from "../../../core/tape/event.js";
import type { ProjectionHealth } from "../../../usecases/projection-health.js";
import { showProjection } from "../../../usecases/workspace-projections.js";
import type { CommandResult, Invocation } from "../command.js";
import { failureOf } from "../failure.js";
import { projectionProblem } from "../projection-problem.js";
import { withProjection } from "../with-projections.js";

export function run(invocation: Invocation): Promise<CommandResult> {
  return withProjection(invocation, async (ports, found) => {
    const shown = await showProjection(ports, found);
    if (shown.kind === "unreadable") {
      const message = `the log ${found.source.log} cannot be opened: ${shown.why}`;
      return { kind: "failed", failure: failureOf("STORE_UNAVAILABLE", message, "onetape verify --all") };
    }
    const { health, state, figures } = shown;
    const again = health.condition === "current" ? [] : [`onetape projections rebuild ${health.name} --log ${health.log}`];
    return {
      kind: "done",
      json: { schema: "onetape.projection/1", ...health, figures, state },
      human: () => describe(health, figures, state),
      next: again,
      ...projectionProblem([health]),
    };
  });
}

function describe(health: ProjectionHealth, figures: JsonObject | null, state: JsonObject | null): string {
  const { log, name, generation, code_version, position, head_position, lag_ms, events, state_sha256, condition, why } = health;
  const lines = [
    `${name} of ${log}: ${condition}, ${why}`,
    `generation ${generation ?? "-"}, code ${code_version ?? "-"}`,
    `position ${grouped(position)} of ${grouped(head_position)}, ${grouped(events)} events folded${lag_ms === 0 ? "" : `, waiting for ${grouped(lag_ms)} ms`}`,
    `state ${state_sha256 ?? "-"}`,
    ...Object.entries(figures ?? {}).map(([figure, value]) => `${figure} ${value === null ? "-" : String(value)}`),
    ...health.parked.map((event) => `set aside: ${event.type} at position ${event.position} (${event.event_id}): ${event.reason}`),
  ];
  const body = state === null ? "" : `${JSON.stringify(state, null, 2)}\n`;
  return `${lines.join("\n")}\n${body}`;
}
