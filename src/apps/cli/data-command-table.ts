import type { ArgumentSpec, CommandSpec } from "./command.js";
import type { FlagName } from "./flag-names.js";

const files: ArgumentSpec = {
  name: "FILE",
  required: false,
  variadic: true,
  says: "CSV, Parquet or LEAN zip files, or folders of them; instead: --bid and --ask",
  completes: "files",
};
const data: ArgumentSpec = {
  name: "DATA",
  required: true,
  says: "a symbol (its newest capture), or the beginning of a capture's or column set's id",
  completes: "data",
};
const importFlags: readonly FlagName[] = [
  ...(["symbol", "timeframe", "stamp", "tz", "price-mode", "basis", "bid", "ask", "column", "header", "delimiter", "reader"] as const),
  ...(["entry", "market", "content", "ambiguous", "epoch", "daily-close", "price-decimals", "volume-decimals", "source-time"] as const),
  ...(["strict", "instruments", "asset-class", "currency", "calendar", "tick", "lot", "min-qty", "multiplier", "settlement"] as const),
];
const like = "--symbol DEMO --timeframe 1m --stamp close --tz UTC --price-mode raw";

/** The commands of `onetape data`. */
export const dataCommands: readonly CommandSpec[] = [
  {
    path: ["data", "import"],
    summary: "check bars and store them as a capture",
    details: [
      "Times become close times in UTC. Every violation is listed with its line, and then nothing is stored; missing bars are listed as gaps and never filled. The same bytes make no second capture; changed bytes make a new one, and the old one stays.",
    ],
    arguments: [files],
    flags: importFlags,
    examples: [
      { line: `onetape data import data/demo-1m.csv ${like}`, says: "minute bars with their close time in UTC" },
      {
        line: `onetape data import data/demo-1m.csv ${like} --calendar XNYS --currency USD --asset-class equity --json`,
        says: "with the instrument stated, for scripts",
      },
    ],
    load: () => import("./commands/data-import.js"),
  },
  {
    path: ["data", "list"],
    summary: "list the captures of the workspace",
    arguments: [],
    flags: ["symbol"],
    examples: [
      { line: "onetape data list", says: "every capture" },
      { line: "onetape data list --symbol DEMO --json", says: "one symbol's, for scripts" },
    ],
    load: () => import("./commands/data-list.js"),
  },
  {
    path: ["data", "show"],
    summary: "show one capture: range, gaps, quality, completeness",
    arguments: [data],
    flags: ["timeframe", "basis", "limit"],
    examples: [
      { line: "onetape data show DEMO", says: "the newest capture: rows, gaps, and how the bars were read" },
      { line: "onetape data show DEMO --limit 100 --json", says: "the first hundred gaps, for scripts" },
    ],
    load: () => import("./commands/data-show.js"),
  },
  {
    path: ["data", "validate"],
    summary: "read stored bars again: hashes, identity, contract",
    arguments: [{ ...data, required: false, says: `${data.says}; left out: everything` }],
    flags: [],
    examples: [
      { line: "onetape data validate", says: "everything that is stored" },
      { line: "onetape data validate DEMO --json", says: "one symbol's newest capture, for scripts" },
    ],
    load: () => import("./commands/data-validate.js"),
  },
  {
    path: ["data", "export"],
    summary: "write stored bars for other tools",
    details: [
      "A longer timeframe than the stored one is derived by session on the way; each row names its calculation and capture. Formats: csv (the default), ndjson, parquet.",
    ],
    arguments: [data],
    flags: ["timeframe", "basis", "calendar", "from", "to", "format", "output"],
    examples: [
      { line: "onetape data export DEMO --output demo.parquet", says: "the newest capture, for pandas, Polars or DuckDB" },
      { line: "onetape data export DEMO --from 2024-01-02 --to 2024-01-03 --format csv", says: "two days as CSV on stdout" },
    ],
    load: () => import("./commands/data-export.js"),
  },
  {
    path: ["data", "generate"],
    summary: "make synthetic minute bars from a seed",
    details: ["The same seed makes the same bars on every machine. They are marked as synthetic wherever they are shown."],
    arguments: [],
    flags: ["symbol", "calendar", "from", "to", "seed", "start-price", "tick", "volatility", "missing"],
    examples: [
      {
        line: "onetape data generate --symbol DEMO --calendar XNYS --from 2024-01-02 --to 2024-01-05 --seed 7",
        says: "four sessions of a stock exchange",
      },
      {
        line: "onetape data generate --symbol COIN --calendar 24/7 --from 2024-01-01 --to 2024-01-02 --missing 0.01 --json",
        says: "two days round the clock, with holes",
      },
    ],
    load: () => import("./commands/data-generate.js"),
  },
  {
    path: ["data", "derive"],
    summary: "make longer bars from minute bars, by session, or adjusted bars from raw ones",
    details: [
      "With --adjust, each price is multiplied by the price and split factors of its exchange day, to the last digit; --timeframe and --basis then choose the stored bars. A factor file holds rows YYYYMMDD,priceFactor,splitFactor,referencePrice.",
    ],
    arguments: [data],
    flags: ["timeframe", "calendar", "adjust", "basis", "price-decimals"],
    examples: [
      {
        line: "onetape data derive DEMO --timeframe 5m --calendar XNYS",
        says: "five-minute bars; each row names its calculation and capture",
      },
      {
        line: "onetape data derive DEMO --adjust data/demo-factors.csv --calendar XNYS --json",
        says: "minutes adjusted for dividends and splits, for scripts",
      },
    ],
    load: () => import("./commands/data-derive.js"),
  },
];
