import type { WorkspaceChoice } from "../../library/event-stores.js";
import type { CommandResult, Invocation, Program } from "../command.js";
import { shells } from "../completion-scripts.js";
import { dataNames, policyNames, runNames, storedSymbols, sweepNames } from "../workspace-names.js";

/** Candidates, one a line. Never fails: a shell that completes has no place for an error. */
export async function run({ args, settings, program }: Invocation): Promise<CommandResult> {
  const items = await candidates(args[0] ?? "", settings, program).catch(() => []);
  return { kind: "done", json: { schema: "onetape.candidates/1", items }, human: () => items.map((item) => `${item}\n`).join("") };
}

async function candidates(kind: string, workspace: WorkspaceChoice, { commands, groups }: Program): Promise<readonly string[]> {
  switch (kind) {
    case "runs":
      return ["latest", ...(await runNames(workspace.home))];
    case "sweeps":
      return ["latest", ...(await sweepNames(workspace.home))];
    case "symbols":
      return storedSymbols(workspace);
    case "data":
      return dataNames(workspace);
    case "policies":
      return policyNames(process.cwd());
    case "shells":
      return shells;
    case "commands":
      return [
        ...groups.map(({ name }) => name),
        ...commands.filter(({ path, hidden }) => path.length === 1 && hidden !== true).map(({ path }) => path[0] ?? ""),
      ];
    default:
      return [];
  }
}
