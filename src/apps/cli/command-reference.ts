import { makeStyle } from "../../adapters/terminal/style.js";
import { program } from "./command-table.js";
import { commandHelp } from "./help-text.js";

/** The page `docs/reference/cli.md`: the help of every command. */
export function commandReference(): string {
  const preamble =
    "# Commands\n\nGenerated from the command table. Edit that, then run: `ONETAPE_WRITE_DOCS=1 npx vitest run test/docs`. How to use them: [guide](../guide/cli.md).\n";
  const visible = program.commands.filter(({ hidden }) => hidden !== true);
  const sections = visible.map(
    (spec) => `## onetape ${spec.path.join(" ")}\n\n\`\`\`text\n${commandHelp(spec, makeStyle(false), program.commands)}\`\`\`\n`,
  );
  return [preamble, ...sections].join("\n");
}
