import type { CommandResult, Invocation } from "../command.js";
import { parseCommandLine } from "../program.js";
import { helpDocument, helpFor } from "../program-help.js";

export async function run({ args, io, program }: Invocation): Promise<CommandResult> {
  const parsed = parseCommandLine([...args, "--help"], program);
  if (parsed.kind === "invalid") return { kind: "failed", failure: parsed.failure };
  const path = parsed.kind === "help" ? parsed.path : [];
  return { kind: "done", json: helpDocument(program, path), human: () => helpFor(program, path, io.out) };
}
