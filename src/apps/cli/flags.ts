import type { Completable } from "./command.js";
import type { FlagName } from "./flag-names.js";

/** How a flag's text is read. */
export type FlagKind = "switch" | "text" | "list" | "count" | "number" | "from" | "to" | "choice";

export interface FlagSpec {
  readonly kind: FlagKind;
  /** Placeholder of the value in help. */
  readonly value?: string;
  readonly short?: string;
  readonly says: string;
  readonly choices?: readonly string[];
  readonly completes?: Completable;
}

/** Every flag there is. A flag has one meaning, whichever command takes it. */
export const flags: Readonly<Record<FlagName, FlagSpec>> = {
  // Every command takes these.
  json: { kind: "switch", says: "print one JSON document on stdout" },
  quiet: { kind: "switch", short: "q", says: "no progress and no hints on stderr" },
  verbose: { kind: "switch", short: "v", says: "say more on stderr, with the stack of an unexpected error" },
  "no-color": { kind: "switch", says: "no colours" },
  "no-input": { kind: "switch", says: "never ask; fail and name the flag that answers" },
  home: { kind: "text", value: "FOLDER", says: "the workspace (default .onetape, or ONETAPE_HOME)", completes: "folders" },
  store: {
    kind: "choice",
    value: "STORE",
    choices: ["sqlite", "postgres"],
    says: "where its logs are (default: postgres where POSTGRES_DSN is set)",
  },
  telemetry: {
    kind: "text",
    value: "WHERE",
    says: "tell figures, spans and log records: otlp (by the OTEL_ variables), or a file (default off, or ONETAPE_TELEMETRY)",
    completes: "files",
  },
  // What to look at.
  symbol: { kind: "list", value: "SYMBOL", says: "only this symbol; may be repeated", completes: "symbols" },
  from: { kind: "from", value: "TIME", says: "first close time, inclusive: a date or 2024-01-31T14:30:00Z" },
  to: { kind: "to", value: "TIME", says: "last close time, inclusive; a bare date means its whole day" },
  type: { kind: "list", value: "TYPE", says: "only this event type; may be repeated" },
  stream: { kind: "text", value: "STREAM", says: "only this stream" },
  limit: { kind: "count", value: "N", says: "at most N items" },
  level: {
    kind: "choice",
    value: "LEVEL",
    choices: ["L1", "L2", "L3", "L4"],
    says: "how deep to verify: L1 chain, L2 payloads, L3 state, L4 decisions",
  },
  log: { kind: "text", value: "LOG", says: "only this log" },
  park: { kind: "switch", says: "set events aside that cannot be folded, and go on" },
  all: { kind: "switch", says: "everything in the workspace" },
  origin: { kind: "switch", says: "say where each value comes from" },
  check: { kind: "text", value: "CHECK", says: "only this check: a code, also in lower case, or a guard's name such as MaxDailyLoss" },
  // How to do it.
  param: {
    kind: "list",
    short: "p",
    value: "NAME=VALUE",
    says: "a parameter: of the strategy, over the config's, or of a calculation; may be repeated",
  },
  grid: {
    kind: "list",
    value: "NAME=VALUES",
    says: "values of a parameter, such as fast=5..20, fast=5..20:5 or mode=long,both; may be repeated",
  },
  workers: {
    kind: "count",
    value: "N",
    says: "threads (default: one less than this machine has cores, at least 1; of calc: 1); results do not depend on it",
  },
  metric: { kind: "text", value: "METRIC", says: "metric that ranks the points (default sharpe)" },
  goal: {
    kind: "choice",
    value: "GOAL",
    choices: ["max", "min"],
    says: "whether large values of the metric are good (default: by the metric)",
  },
  top: { kind: "count", value: "N", says: "best points to show (default 20)" },
  point: { kind: "text", value: "POINT", says: "a point of the grid: its number, fast=7,slow=30, or best (the default)" },
  "max-points": { kind: "count", value: "N", says: "most points of a grid (default 10000)" },
  "point-budget-ms": { kind: "count", value: "N", says: "most milliseconds that a point may take (default: no limit)" },
  "content-hash": { kind: "switch", says: "hash each point's events as on a tape, and keep the content hash with its figures" },
  resume: { kind: "switch", says: "go on with what was begun, and refuse where config, strategy, data or engine have changed" },
  recompute: { kind: "switch", says: "compute again what is there, and compare" },
  append: {
    kind: "choice",
    value: "MODE",
    choices: ["block", "strict"],
    says: "commit events in blocks, or each before any handler sees it",
  },
  cached: { kind: "switch", says: "take a stored result with the same identity instead of running again, and say so" },
  "no-tape": { kind: "switch", says: "run without storing anything: figures only" },
  verify: { kind: "switch", says: "run it again from its artifacts and compare, level by level" },
  "prove-no-lookahead": {
    kind: "count",
    value: "N",
    says: "then run again on data cut at N points, and compare what was decided up to each",
  },
  replay: {
    kind: "list",
    value: "CAPTURE",
    says: "bars to deliver as if they closed now: a capture's id, SYMBOL=ID for several symbols, or latest for those of the config",
    completes: "data",
  },
  speed: { kind: "text", value: "N", says: "how many times as fast as recorded: 60 is an hour a minute; max never waits (default)" },
  session: { kind: "text", value: "NAME", says: "name of the session (default: the strategy's); the same name goes on with it" },
  follow: { kind: "switch", says: "look again whenever it has moved, until it ends" },
  full: { kind: "switch", says: "show the whole of what is compared, not only what differs" },
  force: { kind: "switch", says: "overwrite the files that this command makes; others stay" },
  strict: { kind: "switch", says: "refuse what would otherwise be counted and repaired, such as rows out of order" },
  // How rows become bars.
  timeframe: { kind: "choice", value: "LENGTH", choices: ["1m", "5m", "15m", "1h", "1d"], says: "length of the bars" },
  stamp: { kind: "choice", value: "EDGE", choices: ["open", "close"], says: "whether a row's time is the start or the end of its bar" },
  tz: { kind: "text", value: "ZONE", says: "IANA zone of times that carry none, for example America/New_York" },
  ambiguous: {
    kind: "choice",
    value: "WHICH",
    choices: ["earlier", "later"],
    says: "which of the two when a clock change repeats a local time",
  },
  epoch: { kind: "choice", value: "UNIT", choices: ["s", "ms", "us", "ns"], says: "unit of times that are plain numbers" },
  "daily-close": { kind: "text", value: "TIME", says: "close of daily bars stamped with a date: session, midnight or a local HH:MM" },
  "price-mode": {
    kind: "choice",
    value: "MODE",
    choices: ["raw", "adjusted"],
    says: "prices as traded, or with split and dividend factors",
  },
  basis: { kind: "choice", value: "BASIS", choices: ["trade", "bid", "ask", "mid"], says: "what a price column means" },
  bid: { kind: "list", value: "FILE", says: "a file of the bid side; may be repeated", completes: "files" },
  ask: { kind: "list", value: "FILE", says: "a file of the ask side; may be repeated", completes: "files" },
  reader: {
    kind: "choice",
    value: "FORMAT",
    choices: ["csv", "binance", "parquet", "lean"],
    says: "form of the source (default: looked up in it)",
  },
  column: { kind: "list", value: "FIELD=NAME", says: "the file's column of a bar field, for example ts=Date; may be repeated" },
  header: {
    kind: "choice",
    value: "MODE",
    choices: ["auto", "present", "skip", "absent"],
    says: "whether a CSV file's first row names its columns",
  },
  delimiter: { kind: "text", value: "CHAR", says: "what separates a CSV file's cells (default: looked up in it)" },
  entry: { kind: "text", value: "TEXT", says: "part of the name of the one file to read in an archive" },
  market: { kind: "text", value: "NAME", says: "the market's folder where an archive holds several" },
  content: { kind: "choice", value: "KIND", choices: ["trade", "quote"], says: "which bars of an archive to read" },
  adjust: { kind: "text", value: "FILE", says: "adjust raw bars by a factor file of splits and dividends", completes: "files" },
  "price-decimals": { kind: "number", value: "N", says: "digits of prices to keep, rounding half-even (default: all)" },
  "volume-decimals": { kind: "number", value: "N", says: "digits of volumes to keep, rounding half-even (default: all)" },
  "source-time": { kind: "from", value: "TIME", says: "when the source says that it was made (default: the file's time)" },
  // What is traded.
  instruments: { kind: "text", value: "FILE", says: "an instruments file; flags win over it", completes: "files" },
  "asset-class": {
    kind: "choice",
    value: "CLASS",
    choices: ["equity", "crypto", "fx", "future", "index", "other"],
    says: "kind of instrument",
  },
  currency: { kind: "text", value: "CODE", says: "currency of prices" },
  calendar: { kind: "text", value: "ID", says: "trading hours: 24/7, FX24x5 or a market code such as XNYS" },
  tick: { kind: "text", value: "STEP", says: "smallest step of a price" },
  lot: { kind: "text", value: "STEP", says: "smallest step of an order's quantity" },
  "min-qty": { kind: "text", value: "QTY", says: "smallest quantity of an order" },
  multiplier: { kind: "text", value: "FACTOR", says: "currency value of one price unit for a quantity of one" },
  settlement: { kind: "choice", value: "KIND", choices: ["cash", "variation_margin"], says: "full payment, or daily variation margin" },
  "start-price": { kind: "text", value: "PRICE", says: "price of the first bar" },
  volatility: { kind: "text", value: "FRACTION", says: "standard deviation of a year's return, for example 0.2" },
  missing: { kind: "text", value: "FRACTION", says: "chance that a minute has no bar, for example 0.01" },
  seed: { kind: "number", value: "N", says: "seed of the generator: the same seed makes the same bars" },
  // Where it goes.
  output: { kind: "text", short: "o", value: "FILE", says: "where to write; - is stdout", completes: "files" },
  format: {
    kind: "choice",
    value: "FORMAT",
    choices: ["html", "json", "csv", "ndjson", "parquet", "arrow"],
    says: "form of what is written, of those that the command names (default: by the file's name)",
  },
  table: { kind: "text", value: "NAME", says: "the one table to write" },
  open: { kind: "choice", value: "ANSWER", choices: ["yes", "no"], says: "open the page in the browser (default: no)" },
  into: {
    kind: "choice",
    value: "STORE",
    choices: ["sqlite", "postgres"],
    says: "where to restore to; left out, where the workspace's logs are",
  },
  layout: { kind: "choice", value: "LAYOUT", choices: ["rows", "segments"], says: "a row per event, or hashed segments" },
  ndjson: { kind: "switch", says: "print one JSON document a line" },
  // What changes.
  "accept-loss": { kind: "switch", says: "take over a copy that is older than what was published of the log; it is told what is missing" },
  "dry-run": { kind: "switch", says: "say what would be done, and change nothing" },
  yes: { kind: "switch", short: "y", says: "answer yes to every question" },
  // Of published anchors.
  anchors: {
    kind: "text",
    value: "FILE",
    says: "the append-only file of published anchors (default: the setting anchors.file)",
    completes: "files",
  },
  key: { kind: "text", value: "FILE", says: "an Ed25519 key in PEM: the private one signs, either checks", completes: "files" },
  // Of a kill switch.
  scope: { kind: "text", value: "NAME", says: "which kill switch: that of this scope's sessions (default: default)" },
  reason: { kind: "text", value: "TEXT", says: "why; it is recorded" },
  approver: { kind: "text", value: "ID", says: "who approves, by an opaque id: names of people do not belong on a tape" },
  "lock-hours": { kind: "text", value: "HOURS", says: "no reset before so many hours have passed (default 24)" },
  // Of calculations.
  "calc-version": { kind: "text", value: "VERSION", says: "exactly this version of a calculation (default: the current one)" },
  move: { kind: "choice", value: "MOVE", choices: ["activate", "deprecate", "sunset", "delete"], says: "where a version goes in its life" },
  "all-versions": { kind: "switch", says: "every version that may be read" },
  "as-of": {
    kind: "to",
    value: "TIME",
    says: "of each key the newest row captured by then: a date (its whole day) or a time with its zone",
  },
  capture: { kind: "text", value: "CAPTURE", says: "exactly the rows of this capture or capture set" },
  sql: { kind: "text", value: "SELECT", says: "a question in SQL over calculation tables and views" },
  "explain-source": { kind: "switch", says: "say which captures, files and calendars a number rests on" },
  by: { kind: "text", value: "ID", says: "who decides, by an opaque id; it is recorded" },
  note: { kind: "text", value: "TEXT", says: "what was found out; it is recorded" },
  checklist: {
    kind: "list",
    value: "NAME=VALUE",
    says: "what a deletion asks for: migration, consumers_moved, no_query_names_it, audit_settled, second_reviewer",
  },
  weeks: { kind: "count", value: "N", says: "weeks to look back, the newest included (default 6; at most 12 unless forced)" },
  week: { kind: "list", value: "FRIDAY", says: "exactly this week; may be repeated" },
  tier: { kind: "list", value: "TIER", says: "only this tier: NMS_TIER_1, NMS_TIER_2 or OTC; may be repeated" },
  source: { kind: "text", value: "FOLDER", says: "folder of weekly files", completes: "folders" },
  stage: { kind: "choice", value: "STAGE", choices: ["ingest", "normalize", "calc", "all"], says: "only this stage (default all)" },
  "fail-fast": { kind: "switch", says: "stop at the first partition that fails" },
  certify: { kind: "switch", says: "record that the week may be used for what it is fit for" },
  // How much a portfolio may lose.
  positions: { kind: "text", value: "FILE", says: "the portfolio, CSV or Parquet", completes: "files" },
  prices: { kind: "text", value: "FILE", says: "levels by day, CSV or Parquet; the last day is the market", completes: "files" },
  scenarios: { kind: "text", value: "FILE", says: "a scenario file; its schema: onetape config schema scenarios", completes: "files" },
  limits: { kind: "text", value: "FILE", says: "limits of the portfolio, CSV or Parquet", completes: "files" },
  method: {
    kind: "choice",
    value: "METHOD",
    choices: [
      "historical",
      "age_weighted",
      "filtered",
      "parametric",
      "student_t",
      "cornish_fisher",
      "monte_carlo",
      "historical_v1",
      "parametric_v1",
    ],
    says: "how VaR and ES are measured (default historical)",
  },
  confidence: { kind: "text", value: "DECIMAL", says: "decimal text between 0 and 1, as 0.975 (default 0.99)" },
  horizon: { kind: "text", value: "DAYS", says: "moves over so many days of the file, as 10d (default 1d)" },
  window: { kind: "count", value: "N", says: "days that each forecast of a backtest is measured on (default 250)" },
  "base-currency": {
    kind: "text",
    value: "CODE",
    says: "reporting currency (default: that of the positions, where all have one)",
  },
  "missing-levels": {
    kind: "choice",
    value: "POLICY",
    choices: ["reject", "carry_forward", "drop_scenario"],
    says: "what becomes of a level that the history lacks (default reject); both others are counted",
  },
  "allow-missing": { kind: "switch", says: "add up what has a price, and name what is left out" },
  since: { kind: "text", value: "DAY", says: "explain what changed since this day of the prices" },
  "previous-positions": {
    kind: "text",
    value: "FILE",
    says: "the portfolio of that day, CSV or Parquet (default: the same)",
    completes: "files",
  },
  "previous-method": {
    kind: "choice",
    value: "METHOD",
    choices: ["historical", "age_weighted", "filtered", "parametric", "student_t", "cornish_fisher", "monte_carlo"],
    says: "how it was measured then (default: as now)",
  },
  notes: {
    kind: "text",
    value: "FILE",
    says: "remarks for the report, one a line; one that begins with an exception's day is its cause",
    completes: "files",
  },
  // Of a risk session.
  at: { kind: "text", value: "TIME", says: "event time: 2026-03-31T16:00:00Z, UTC milliseconds, or a date, which means its end in UTC" },
  portfolio: { kind: "text", value: "NAME", says: "which portfolio of the session (default main)" },
  quotes: { kind: "text", value: "FILE", says: "quotes by time or day, CSV or Parquet", completes: "files" },
  commands: { kind: "text", value: "FILE", says: "commands of a session, one JSON document a line; - is stdin", completes: "files" },
  feed: {
    kind: "text",
    value: "NAME",
    says: "who sends the quotes: with its sequence it is a quote's identity (default: the file's name)",
  },
  kind: {
    kind: "choice",
    value: "KIND",
    choices: ["risk", "grid", "state"],
    says: "what to compute: risk (default), a grid of spots by volatilities, or state, which records the hash of what is known",
  },
  request: { kind: "text", value: "ID", says: "id of a request, by which its report is found" },
  history: { kind: "count", value: "DAYS", says: "scenarios from the session's own quotes of so many days (default 500)" },
  "spot-pct": { kind: "text", value: "MOVES", says: "relative moves of all spots, as -0.1,0,0.1" },
  "vol-abs": { kind: "text", value: "MOVES", says: "what is added to all volatilities, as -0.05,0,0.05" },
  "fx-pivot": { kind: "text", value: "CODE", says: "currency that all rates of exchange hang on (default: the reporting currency)" },
  "snapshot-every": { kind: "number", value: "N", says: "accepted commands between recorded hashes of the state; 0 for none (default 50)" },
  // Serving over HTTP.
  host: { kind: "text", value: "ADDRESS", says: "address to listen on (default 127.0.0.1); any but this machine's own takes a token" },
  port: { kind: "number", value: "PORT", says: "port to listen on (default 4173); 0 takes any that is free" },
  "token-file": {
    kind: "text",
    value: "FILE",
    says: "a file with the token that clients must send (or ONETAPE_SERVER_TOKEN)",
    completes: "files",
  },
  "access-log": { kind: "switch", says: "a line of JSON on stderr for each answer; no query, header or body, so no secret" },
};

/** Flags that every command takes. */
export const globalFlags: readonly FlagName[] = ["json", "quiet", "verbose", "no-color", "no-input", "home", "store", "telemetry"];

export function flagSpec(name: FlagName): FlagSpec {
  return flags[name];
}

/** `-o, --output FILE`, as help shows it. */
export function flagUsage(name: FlagName): string {
  const { short, value } = flagSpec(name);
  return `${short === undefined ? "    " : `-${short}, `}--${name}${value === undefined ? "" : ` ${value}`}`;
}
