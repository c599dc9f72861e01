import { writeFile } from "node:fs/promises";
import { publishedSchemas } from "../../../adapters/config/published-schemas.js";
import { nearestName } from "../../../core/quality/nearest-name.js";
import type { CommandResult, Invocation } from "../command.js";
import { failureOf } from "../failure.js";

export async function run({ args, flags }: Invocation): Promise<CommandResult> {
  const name = args[0] ?? "backtest";
  const schemas = publishedSchemas();
  const text = schemas.get(name);
  if (text === undefined) {
    const near = nearestName(name, schemas.keys());
    const message = `there is no schema ${JSON.stringify(name)}${near === null ? "" : `; did you mean ${near}?`}`;
    return {
      kind: "failed",
      failure: failureOf("USAGE", message, "onetape config schema --help", {
        value: name,
        expected: `one of ${[...schemas.keys()].join(", ")}`,
      }),
    };
  }
  const output = flags.text("output");
  const document = { schema: "onetape.config-schema/1", name, json_schema: JSON.parse(text) };
  if (output === undefined || output === "-") return { kind: "done", json: document, human: () => text };
  await writeFile(output, text);
  return { kind: "done", json: { ...document, output }, human: () => `wrote ${output}\n` };
}
