import { utcText } from "../../../core/market/scan-time.js";
import { resetKillSwitch } from "../../../usecases/kill-switch-log.js";
import type { CommandResult, Invocation } from "../command.js";
import { failure } from "../failure.js";
import { stateDocument, stateSentence, withKillSwitch } from "../with-kill-switch.js";

const FIELDS: Readonly<Record<string, string>> = { NO_APPROVER: "--approver", NO_REASON: "--reason" };

export function run(invocation: Invocation): Promise<CommandResult> {
  const { flags } = invocation;
  const request = { approver: flags.text("approver") ?? "", reason: flags.text("reason") ?? "" };
  return withKillSwitch(
    invocation,
    (ports, scope) => resetKillSwitch(ports, { scope, ...request }),
    (outcome, scope) => {
      switch (outcome.kind) {
        case "stays_tripped": {
          const { code, detail, locked_until } = outcome.refused;
          const until = locked_until === undefined ? "" : `; no reset before ${utcText(locked_until)}`;
          const field = FIELDS[code];
          const said = { code, message: `${detail}${until}`, ...(field === undefined ? {} : { field }) };
          return { kind: "failed", failure: failure("RESET_REFUSED", [said], `onetape kill-switch status --scope ${scope}`) };
        }
        case "already":
          return {
            kind: "done",
            json: { schema: "onetape.kill-switch-reset/1", changed: false, ...stateDocument(scope, outcome.state) },
            human: () => `nothing changed; ${stateSentence(scope, outcome.state)}\n`,
          };
        case "reset":
          return {
            kind: "done",
            json: {
              schema: "onetape.kill-switch-reset/1",
              changed: true,
              scope,
              status: "armed",
              approver: outcome.approver,
              reason: outcome.reason,
            },
            human: () => `kill switch ${scope}: armed again, approved by ${outcome.approver}: ${outcome.reason}\n`,
            next: ["onetape kill-switch status"],
          };
      }
    },
  );
}
