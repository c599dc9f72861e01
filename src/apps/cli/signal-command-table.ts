import type { CommandSpec } from "./command.js";

/** Commands of bracket signals in files. */
export const signalCommands: readonly CommandSpec[] = [
  {
    path: ["signals", "show"],
    summary: "check a CSV file of bracket signals and list them",
    details: [
      "Columns: Symbol, Timestamp (with its zone), Strategy, StrategyVersion, LongEntry, ShortEntry, SL_Long, SL_Short, TP_Long, TP_Short, Setup, Score. Every fault is listed with its line, column, value and what was expected.",
      "To run them: the key signals in a config, in place of strategy.",
    ],
    arguments: [{ name: "FILE", required: true, says: "the CSV file", completes: "files" }],
    flags: ["limit"],
    examples: [
      { line: "onetape signals show signals.csv", says: "the first signals, or what is wrong with the file" },
      { line: "onetape signals show signals.csv --json", says: "all of them, prices as text, for scripts" },
    ],
    load: () => import("./commands/signals-show.js"),
  },
  {
    path: ["signals", "export"],
    summary: "write the entries of a run as a CSV file of bracket signals",
    details: [
      "Takes the entries that wait for a price, with their stops and targets; two of one group, either way, become one line. Market entries have no price and are counted as left out.",
    ],
    arguments: [{ name: "RUN", required: true, says: "a run's id, its beginning, or latest", completes: "runs" }],
    flags: ["output"],
    examples: [
      { line: "onetape signals export latest", says: "on stdout" },
      { line: "onetape signals export latest --output signals.csv --json", says: "into a file, for scripts" },
    ],
    load: () => import("./commands/signals-export.js"),
  },
];
