import { loadScenarios } from "../../../adapters/config/load-scenarios.js";
import { sha256 } from "../../../adapters/node-hash/sha256.js";
import { stressDocument } from "../../../core/risk/report/stress-document.js";
import type { CommandResult, Invocation } from "../command.js";
import { failure, failureOf } from "../failure.js";
import { renderStress } from "../render-stress.js";
import { riskInputs } from "../risk-inputs.js";

const HELP = "onetape risk stress --help";

export async function run(invocation: Invocation): Promise<CommandResult> {
  const file = invocation.flags.text("scenarios");
  const scenarios = file === undefined ? null : await loadScenarios(file);
  const read = await riskInputs(invocation, HELP);
  if (scenarios?.kind !== "loaded") {
    const own =
      scenarios === null
        ? failureOf("USAGE", "--scenarios is missing", HELP, { field: "--scenarios", expected: "a scenario file" })
        : failure("DATA_INVALID", scenarios.violations, "onetape config schema scenarios");
    return { kind: "failed", failure: read.kind === "failed" ? { ...own, details: [...read.failure.details, ...own.details] } : own };
  }
  if (read.kind === "failed") return read;
  const { book, files, placed } = read.inputs;
  const document = stressDocument(book, scenarios.scenarios, sha256);
  if (document.errors.length > 0) {
    const missing = book.valuation.positions.flatMap((cell) => (cell.ok ? [] : cell.errors));
    const details = missing.length > 0 ? missing.map(placed) : document.errors.map((error) => ({ ...placed(error), file: file ?? "" }));
    return {
      kind: "failed",
      failure: failure("DATA_INVALID", details, missing.length > 0 ? "the same command with --allow-missing" : HELP),
    };
  }
  return {
    kind: "done",
    json: { schema: "onetape.risk-stress/1", ...document, files },
    human: () => renderStress(document, invocation.io.out),
  };
}
