import type { Style } from "../../adapters/terminal/style.js";
import type { CommandSpec, JsonDocument, Program } from "./command.js";
import { commandHelp, listHelp, topLevel } from "./help-text.js";
import { programVersion } from "./version.js";

/** The help of a command, of a group or of the program. */
export function helpFor({ commands, groups, examples }: Program, path: readonly string[], style: Style): string {
  const spec = commands.find((candidate) => candidate.path.join(" ") === path.join(" "));
  if (spec !== undefined) return commandHelp(spec, style, commands);
  const group = groups.find(({ name }) => name === path[0]);
  if (group === undefined) {
    const summary = "deterministic trading and risk on a tape that can be replayed to the byte";
    return listHelp(`onetape ${programVersion()}`, summary, examples, topLevel(commands, groups), style);
  }
  const members = commands.filter((candidate) => candidate.path[0] === group.name && candidate.hidden !== true);
  const shown = members.flatMap((candidate) => candidate.examples.slice(0, 1)).slice(0, 2);
  const rows = members.map((member): readonly [string, string] => [member.path[1] ?? "", member.summary]);
  return listHelp(`onetape ${group.name}`, group.summary, shown, rows, style);
}

/** The commands below a path, for programs. */
export function helpDocument({ commands }: Program, path: readonly string[]): JsonDocument {
  const inside = (spec: CommandSpec): boolean => spec.hidden !== true && path.every((word, index) => spec.path[index] === word);
  return {
    schema: "onetape.help/1",
    version: programVersion(),
    commands: commands.filter(inside).map(({ path: words, summary, arguments: args, flags, examples }) => ({
      command: words.join(" "),
      summary,
      arguments: args.map(({ name, required, variadic, says }) => ({ name, required, variadic: variadic === true, description: says })),
      flags,
      examples: examples.map(({ line }) => line),
    })),
  };
}
