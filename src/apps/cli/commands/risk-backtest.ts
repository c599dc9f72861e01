import { BACKTEST_WINDOW, backtestDocument } from "../../../core/risk/report/rolling-backtest.js";
import { DEFAULT_TAIL_PARAMETERS } from "../../../core/risk/report/tail-methods.js";
import type { CommandResult, Invocation } from "../command.js";
import { failure } from "../failure.js";
import { renderBacktestRisk } from "../render-risk-backtest.js";
import { riskInputs } from "../risk-inputs.js";

const HELP = "onetape risk backtest --help";

export async function run(invocation: Invocation): Promise<CommandResult> {
  const read = await riskInputs(invocation, HELP);
  if (read.kind === "failed") return read;
  const { book, files, placed, method, confidence } = read.inputs;
  const window = invocation.flags.number("window") ?? BACKTEST_WINDOW;
  const made = backtestDocument(book, { method, confidence, window, parameters: DEFAULT_TAIL_PARAMETERS });
  if (!made.ok) {
    const missing = book.valuation.positions.flatMap((cell) => (cell.ok ? [] : cell.errors));
    const details = (missing.length > 0 ? missing : made.errors).map(placed);
    return {
      kind: "failed",
      failure: failure("DATA_INVALID", details, missing.length > 0 ? "the same command with --allow-missing" : HELP),
    };
  }
  return {
    kind: "done",
    json: { schema: "onetape.risk-backtest/1", ...made.value, files },
    human: () => renderBacktestRisk(made.value, invocation.io.out),
  };
}
