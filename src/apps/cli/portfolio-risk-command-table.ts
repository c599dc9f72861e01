import type { CommandSpec } from "./command.js";
import type { FlagName } from "./flags.js";

const inputs: readonly FlagName[] = ["positions", "prices", "base-currency", "missing-levels", "allow-missing"];
const files = "--positions risk/positions.csv --prices risk/prices.csv --base-currency USD";

/** Commands that say how much a portfolio may lose. */
export const portfolioRiskCommands: readonly CommandSpec[] = [
  {
    path: ["risk", "sample"],
    summary: "write an invented portfolio and its markets to try the others on",
    details: [
      "Writes positions.csv, prices.csv, scenarios.yaml and limits.csv: two years of days that nobody lived through, the same bytes everywhere. A file that is there with other bytes is not overwritten, unless --force says so.",
    ],
    arguments: [{ name: "DIR", required: true, says: "folder of the files", completes: "folders" }],
    flags: ["force"],
    examples: [
      { line: "onetape risk sample risk", says: "into the folder risk" },
      { line: "onetape risk sample risk --json", says: "the same for scripts: prints the files and their hashes" },
    ],
    load: () => import("./commands/risk-sample.js"),
  },
  {
    path: ["risk", "var"],
    summary: "measure a portfolio's value at risk",
    details: [
      "Reprices the portfolio of the last day of the prices under each move of the days before, in full. The figure names its calculation with its version, the snapshot, the set of rates of exchange, and the scenarios behind it with their weights. A loss is positive.",
      "A position without a price has no value, and a figure over it is refused (exit code 2), unless --allow-missing asks for what is left.",
    ],
    arguments: [],
    flags: [...inputs, "method", "confidence", "horizon"],
    examples: [
      { line: `onetape risk var ${files}`, says: "historical, 0.99, one day" },
      { line: `onetape risk var ${files} --method filtered --confidence 0.975 --horizon 10d --json`, says: "for scripts" },
    ],
    load: () => import("./commands/risk-var.js"),
  },
  {
    path: ["risk", "es"],
    summary: "measure a portfolio's expected shortfall",
    details: ["As onetape risk var, for the mean of the losses beyond it."],
    arguments: [],
    flags: [...inputs, "method", "confidence", "horizon"],
    examples: [
      { line: `onetape risk es ${files} --confidence 0.975`, says: "historical and coherent" },
      { line: `onetape risk es ${files} --method student_t --json`, says: "for scripts" },
    ],
    load: () => import("./commands/risk-es.js"),
  },
];
