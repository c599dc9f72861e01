/** `onetape risk var` and `onetape risk es`. */
import { type TailDocument, tailDocument } from "../../core/risk/report/tail-document.js";
import { DEFAULT_TAIL_PARAMETERS } from "../../core/risk/report/tail-methods.js";
import type { CommandResult, Invocation } from "./command.js";
import { failure } from "./failure.js";
import { missingPositions } from "./missing-positions.js";
import { renderTail } from "./render-tail.js";
import { riskInputs } from "./risk-inputs.js";

export async function measureTail(invocation: Invocation, measure: "var" | "es"): Promise<CommandResult> {
  const help = `onetape risk ${measure} --help`;
  const read = await riskInputs(invocation, help, "all");
  if (read.kind === "failed") return read;
  const { book, files, placed, ...terms } = read.inputs;
  const made = tailDocument(book, { ...terms, measure, parameters: DEFAULT_TAIL_PARAMETERS });
  if (!made.ok) return { kind: "failed", failure: failure("DATA_INVALID", made.errors.map(placed), help) };
  const document: TailDocument = made.value;
  if (document.figure.value === null && document.excluded.length === 0)
    return { kind: "failed", failure: failure("DATA_INVALID", document.figure.errors.map(placed), help) };
  const problem = document.figure.value === null ? missingPositions(document.positions, placed, invocation) : null;
  return {
    kind: "done",
    json: { schema: `onetape.risk-${measure}/1`, ...document, files },
    human: () => renderTail(document, invocation.io.out),
    ...(problem === null ? {} : { problem }),
  };
}
