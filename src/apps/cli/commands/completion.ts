import { nearestName } from "../../../core/quality/nearest-name.js";
import type { CommandResult, Invocation } from "../command.js";
import { completionScript, shells } from "../completion-scripts.js";
import { failureOf } from "../failure.js";

export async function run({ args, program }: Invocation): Promise<CommandResult> {
  const [asked = ""] = args;
  const shell = shells.find((name) => name === asked);
  if (shell === undefined) {
    const near = nearestName(asked, shells);
    const message = `there is no completion for ${JSON.stringify(asked)}${near === null ? "" : `; did you mean ${near}?`}`;
    return {
      kind: "failed",
      failure: failureOf("USAGE", message, "onetape completion --help", { value: asked, expected: `one of ${shells.join(", ")}` }),
    };
  }
  const script = completionScript(shell, program);
  return { kind: "done", json: { schema: "onetape.completion/1", shell, script }, human: () => script };
}
