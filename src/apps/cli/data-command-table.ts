import type { ArgumentSpec, CommandSpec } from "./command.js";
import type { FlagName } from "./flags.js";

const files: ArgumentSpec = {
  name: "FILE",
  required: false,
  variadic: true,
  says: "CSV, Parquet or LEAN zip files, or folders of them; instead: --bid and --ask",
  completes: "files",
};
const reading: readonly FlagName[] = [
  ...([
    "symbol",
    "timeframe",
    "stamp",
    "tz",
    "price-mode",
    "basis",
    "bid",
    "ask",
    "column",
    "header",
    "delimiter",
    "reader",
    "entry",
    "market",
    "content",
  ] as const),
  ...(["ambiguous", "epoch", "daily-close", "price-decimals", "volume-decimals", "source-time", "strict"] as const),
  ...(["instruments", "asset-class", "currency", "calendar", "tick", "lot", "min-qty", "multiplier", "settlement"] as const),
];
const choosing: readonly FlagName[] = ["symbol", "timeframe", "price-mode", "basis", "set"];
const like = "--symbol DEMO --timeframe 1m --stamp close --tz UTC --price-mode raw";

/** The commands of `onetape data`. */
export const dataCommands: readonly CommandSpec[] = [
  {
    path: ["data", "import"],
    summary: "check bars and store them as a capture",
    details: [
      "Times become close times in UTC. Every violation is listed with its line; missing bars are listed as gaps and never filled. The same bytes make no second capture; changed bytes make a new one, and the old one stays.",
    ],
    arguments: [files],
    flags: reading,
    examples: [
      { line: `onetape data import data/demo-1m.csv ${like}`, says: "minute bars with their close time in UTC" },
      {
        line: `onetape data import data/demo-1m.csv ${like} --calendar XNYS --json`,
        says: "gaps measured against the exchange's sessions, for scripts",
      },
    ],
    load: () => import("./commands/data-import.js"),
  },
];
