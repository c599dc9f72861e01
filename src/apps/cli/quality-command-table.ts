import type { CommandSpec } from "./command.js";

/** Commands about how good the workspace's data are. */
export const qualityCommands: readonly CommandSpec[] = [
  {
    path: ["quality", "report"],
    summary: "show how good the data are: by symbol and day, gaps, rejects, trend",
    details: [
      "The newest bars of every symbol and timeframe are measured anew on their exchange's calendar, half days included. With --output the same as one self-contained HTML page.",
    ],
    arguments: [
      { name: "DATA", required: false, says: "a symbol, or the beginning of a capture's id; left out: everything", completes: "data" },
    ],
    flags: ["output"],
    examples: [
      { line: "onetape quality report", says: "in the terminal, a sign per day" },
      { line: "onetape quality report --output quality.html", says: "as a page with a heat map, light and dark" },
      { line: "onetape quality report --json", says: "all figures, for scripts" },
    ],
    load: () => import("./commands/quality-report.js"),
  },
  {
    path: ["quality", "readiness"],
    summary: "tell what bars are fit for: research, orders, promotion",
    details: [
      "Read from the quality log. Bars that nobody measured are fit for research alone. An open failure keeps them from orders; one that was resolved by hand still keeps them from being evidence for a promotion.",
    ],
    arguments: [
      { name: "DATA", required: false, says: "a symbol, or the beginning of a capture's id; left out: everything", completes: "data" },
    ],
    flags: [],
    examples: [
      { line: "onetape quality readiness", says: "the newest bars of every symbol and timeframe" },
      { line: "onetape quality readiness --json", says: "the same for scripts, with every reason" },
    ],
    load: () => import("./commands/quality-readiness.js"),
  },
  {
    path: ["quality", "anomalies"],
    summary: "list what did not pass, and what people said to it",
    details: ["Anomalies of bars and of calculations. Resolved ones stay, with who and why."],
    arguments: [],
    flags: ["symbol", "all"],
    examples: [
      { line: "onetape quality anomalies", says: "those that are open" },
      { line: "onetape quality anomalies --all --json", says: "resolved ones too, for scripts" },
    ],
    load: () => import("./commands/quality-anomalies.js"),
  },
  {
    path: ["quality", "resolve"],
    summary: "resolve an anomaly with a note; it is never deleted",
    details: [
      "An anomaly stands for one finding about exactly these bars. Once resolved it no longer refuses them; other bars, or another finding, are another anomaly. One that is resolved already stays as it is.",
    ],
    arguments: [{ name: "ANOMALY", required: true, says: "an anomaly's id, or latest for the newest open one", completes: null }],
    flags: ["by", "note"],
    examples: [
      { line: 'onetape quality resolve latest --by desk-1 --note "the exchange halted"', says: "who decides, by an id, and why" },
      { line: 'onetape quality resolve latest --by desk-1 --note "seen" --json', says: "the same for scripts" },
    ],
    load: () => import("./commands/quality-resolve.js"),
  },
];
