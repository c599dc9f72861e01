import type { CommandSpec } from "./command.js";
import type { FlagName } from "./flag-names.js";

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
      "The methods historical_v1 and parametric_v1 give the numbers of version 1, which is frozen: ranks in doubles, and no parametric ES.",
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
  {
    path: ["risk", "backtest"],
    summary: "test VaR and ES on the days that were",
    details: [
      "Each day's VaR and ES are measured on the days before it alone, and compared with what the present positions would have made. Says exceptions, Kupiec's and Christoffersen's tests, the Basel traffic light, and Acerbi and Szekely's Z1 and Z2.",
    ],
    arguments: [],
    flags: [...inputs, "method", "confidence", "window"],
    examples: [
      { line: `onetape risk backtest ${files}`, says: "0.99, on 250 days each" },
      { line: `onetape risk backtest ${files} --confidence 0.975 --window 200 --json`, says: "every day, for scripts" },
    ],
    load: () => import("./commands/risk-backtest.js"),
  },
  {
    path: ["risk", "stress"],
    summary: "say what declared scenarios would do to a portfolio",
    details: ["Reprices every position in full. Names that a scenario mentions and the market does not know are listed."],
    arguments: [],
    flags: [...inputs, "scenarios"],
    examples: [
      { line: `onetape risk stress ${files} --scenarios risk/scenarios.yaml`, says: "all scenarios of the file" },
      { line: `onetape risk stress ${files} --scenarios risk/scenarios.yaml --json`, says: "by position, for scripts" },
    ],
    load: () => import("./commands/risk-stress.js"),
  },
  {
    path: ["risk", "report"],
    summary: "write a portfolio's risk report as a page or as JSON",
    details: [
      "VaR and ES by six methods, at three confidences, over one and ten days; contributions, distribution, backtest, stress, limits, Greeks, exposures, and what all of it was made of. The page is one file that needs no network and no script, and prints. The same inputs give the same bytes.",
      "The schema of the JSON: onetape config schema risk-report.",
    ],
    arguments: [],
    flags: [
      ...inputs,
      "method",
      "confidence",
      "horizon",
      "window",
      "scenarios",
      "limits",
      "since",
      "previous-positions",
      "previous-method",
      "notes",
      "format",
      "output",
      "open",
    ],
    examples: [
      {
        line: `onetape risk report ${files} --scenarios risk/scenarios.yaml --limits risk/limits.csv --output risk/report.html`,
        says: "the page",
      },
      { line: `onetape risk report ${files} --format json --output risk/report.json --json`, says: "figures for scripts" },
    ],
    load: () => import("./commands/risk-report.js"),
  },
];
