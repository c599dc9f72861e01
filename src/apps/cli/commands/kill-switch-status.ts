import { renderTable } from "../../../adapters/terminal/table.js";
import { utcText } from "../../../core/market/scan-time.js";
import { type KillSwitchStep, killSwitchReport } from "../../../usecases/kill-switch-log.js";
import type { CommandResult, Invocation } from "../command.js";
import { stateDocument, stateSentence, withKillSwitch } from "../with-kill-switch.js";

/** Steps that are shown without --limit. */
const SHOWN = 10;

const columns = [{ title: "time" }, { title: "event" }, { title: "" }];

export function run(invocation: Invocation): Promise<CommandResult> {
  const { flags, io } = invocation;
  return withKillSwitch(
    invocation,
    ({ store }, scope) => killSwitchReport({ store }, scope),
    ({ state, steps }, scope) => {
      const shown = steps.slice(-(flags.number("limit") ?? SHOWN));
      return {
        kind: "done",
        json: {
          schema: "onetape.kill-switch/1",
          ...stateDocument(scope, state),
          step_count: steps.length,
          steps: shown.map(({ position, at, type, payload }) => ({ position, at: utcText(at), type, payload })),
        },
        human: async () => {
          const sentence = `${stateSentence(scope, state)}\n`;
          return shown.length === 0 ? sentence : `${sentence}${await renderTable(columns, shown.map(row), io.out)}`;
        },
        next: [
          state.status === "armed" ? "onetape kill-switch trip --reason TEXT" : "onetape kill-switch reset --approver NAME --reason TEXT",
        ],
      };
    },
  );
}

function row({ at, type, payload }: KillSwitchStep): readonly string[] {
  const said = ["text", "detail", "approver", "reason"].flatMap((field) => {
    const value = payload[field];
    return typeof value === "string" && value !== "" ? [value] : [];
  });
  return [utcText(at), type, said.join(": ")];
}
