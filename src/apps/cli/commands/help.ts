import type { CommandResult, Invocation } from "../command.js";
import { commandTable, groups } from "../command-table.js";
import { parseCommandLine } from "../program.js";
import { helpDocument, helpFor } from "../run-cli.js";

export async function run({ args, io }: Invocation): Promise<CommandResult> {
  const parsed = parseCommandLine([...args, "--help"], commandTable, groups);
  if (parsed.kind === "invalid") return { kind: "failed", failure: parsed.failure };
  const path = parsed.kind === "help" ? parsed.path : [];
  return { kind: "done", json: helpDocument(path), human: () => helpFor(path, io) };
}
