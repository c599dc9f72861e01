import { decimalPlaces } from "../../../core/money/decimal.js";
import { tripKillSwitch } from "../../../usecases/kill-switch-log.js";
import type { CommandResult, Invocation } from "../command.js";
import { failure } from "../failure.js";
import { stateDocument, stateSentence, withKillSwitch } from "../with-kill-switch.js";

/** How long a switch stays locked that nobody gives a time for. */
const LOCK_HOURS = "24";
/** A hundred years. */
const MOST_HOURS = 876_000;

export async function run(invocation: Invocation): Promise<CommandResult> {
  const { flags } = invocation;
  const reason = flags.text("reason")?.trim() ?? "";
  const lock_hours = flags.text("lock-hours") ?? LOCK_HOURS;
  const details = [
    ...(reason === "" ? [{ code: "USAGE", message: "a trip needs a reason", field: "--reason", expected: "text" }] : []),
    ...(isHours(lock_hours)
      ? []
      : [
          {
            code: "USAGE",
            message: `${JSON.stringify(lock_hours)} is no number of hours`,
            field: "--lock-hours",
            value: lock_hours,
            expected: `a plain decimal from 0 to ${MOST_HOURS}`,
          },
        ]),
  ];
  if (details.length > 0) return { kind: "failed", failure: failure("USAGE", details, "onetape kill-switch trip --help") };
  return withKillSwitch(
    invocation,
    (ports, scope) => tripKillSwitch(ports, { scope, reason, lock_hours }),
    (outcome, scope) => {
      const { state } = outcome;
      const already = outcome.kind === "already";
      return {
        kind: "done",
        json: { schema: "onetape.kill-switch-trip/1", changed: !already, ...stateDocument(scope, state) },
        human: () => `${already ? "nothing changed, it was tripped before; " : ""}${stateSentence(scope, state)}\n`,
        next: ["onetape kill-switch status"],
      };
    },
  );
}

function isHours(text: string): boolean {
  return !/^[+-]/.test(text) && decimalPlaces(text) !== null && Number(text) <= MOST_HOURS;
}
