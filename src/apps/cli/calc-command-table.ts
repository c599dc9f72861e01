import type { ArgumentSpec, CommandSpec } from "./command.js";

const name: ArgumentSpec = { name: "NAME", required: true, says: "a calculation or a pipeline: onetape calc list", completes: null };
const capture: ArgumentSpec = {
  name: "CAPTURE",
  required: true,
  says: "a capture's id, or the newest of a week: OTC/2025-12-26",
  completes: null,
};

/** The commands of `onetape calc`. */
export const calcCommands: readonly CommandSpec[] = [
  {
    path: ["calc", "ingest"],
    summary: "take weekly files in and judge every line",
    details: [
      "Tier and week come from the flags, else from the file's name, else from its rows. Identical bytes take no new capture; changed ones do, and the old capture stays. Every line is a row or a counted reject. Exit code 2 says that only some files were taken.",
    ],
    arguments: [
      { name: "FILE", required: true, variadic: true, says: "weekly files (text, gzip, zip), or folders of them", completes: "files" },
    ],
    flags: ["tier", "week", "force"],
    flagsSay: {
      tier: "the tier of the files, over what their names and rows say: NMS_TIER_1, NMS_TIER_2 or OTC",
      week: "the week of the files, over what their names and rows say",
      force: "take identical bytes too, as a capture of their own",
    },
    examples: [
      { line: "onetape calc ingest finra/week_2025-12-19.psv --tier OTC", says: "one week: its rows, its rejects, its grade" },
      { line: "onetape calc ingest finra --json", says: "a folder; what is there already is skipped" },
      { line: "onetape calc ingest corrected/week_2025-12-26.psv --tier OTC", says: "a restated week: a new capture, the old one stays" },
    ],
    load: () => import("./commands/calc-ingest.js"),
  },
  {
    path: ["calc", "run"],
    summary: "run a calculation or a pipeline",
    details: [
      "The same input is skipped unless --force. A partition that fails stops no other: exit code 2 says that only a part was done. Ctrl-C keeps what was done. Parameters: onetape calc describe NAME.",
    ],
    arguments: [name],
    flags: ["param", "calc-version", "force", "dry-run", "explain-source", "workers"],
    flagsSay: { param: "a parameter of the calculation or pipeline; may be repeated", force: "do it again where nothing changed" },
    examples: [
      {
        line: "onetape calc run venue_share -p week_ending=2025-12-26 -p tier=OTC --explain-source",
        says: "one week's shares, and what they rest on",
      },
      {
        line: "onetape calc run symbol_summary -p start_date=2025-12-19 -p end_date=2025-12-26 --dry-run --json",
        says: "what a range of weeks would do",
      },
      {
        line: "onetape calc run reference.exchange_calendar.ingest_year -p exchange_code=XNYS -p year=2025",
        says: "the trading calendar of a year",
      },
    ],
    load: () => import("./commands/calc-run.js"),
  },
  {
    path: ["calc", "backfill"],
    summary: "take a folder of weeks through every stage, or a calculation over all weeks",
    details: [
      "Weeks go oldest first, since moving windows need the weeks before them. What was done is skipped; --force does it again. Rows of other versions stay as they are, to the byte.",
      "Threads (--workers) read and judge the weeks that come next while one is computed and stored; of a calculation it is how many partitions are worked on at a time.",
    ],
    arguments: [{ name: "WHAT", required: true, says: "a folder of weekly files, or a calculation's name", completes: "folders" }],
    flags: ["param", "calc-version", "tier", "weeks", "force", "dry-run", "workers"],
    flagsSay: { param: "a parameter of the calculation; may be repeated", force: "do again what was done" },
    examples: [
      { line: "onetape calc backfill finra", says: "every week of the folder" },
      {
        line: "onetape calc backfill venue_concentration --calc-version v2 --json",
        says: "the second version over every week that is there",
      },
    ],
    load: () => import("./commands/calc-backfill.js"),
  },
  {
    path: ["calc", "query"],
    summary: "read rows: the newest, as of a day, of a version, or in SQL",
    details: [
      "WHAT is a calculation, a bookkeeping table (captures, manifest, quality, anomalies, executions, calc-versions, work-items), or weeks, symbols, rejects, raw, normalized. -p column=value keeps rows with that value.",
      "SQL sees each calculation's table finra_otc_transparency_NAME with its views _latest and _v1, _v2, those of moving windows also with _clean and _stats, and the core_* tables. Formats: json, csv, ndjson, and into a file also parquet and arrow.",
    ],
    arguments: [
      {
        name: "WHAT",
        required: false,
        says: "a calculation, a bookkeeping table, or weeks, symbols, rejects, raw, normalized",
        completes: null,
      },
    ],
    flags: [
      "param",
      "calc-version",
      "all-versions",
      "as-of",
      "capture",
      "sql",
      "explain-source",
      "limit",
      "top",
      "full",
      "format",
      "output",
    ],
    flagsSay: {
      param: "keep rows with this value in this column; may be repeated",
      top: "the first N by rank, where rows have one",
      full: "every column on the screen, identity and audit too, and no cell cut",
    },
    examples: [
      {
        line: "onetape calc query venue_share -p week_ending=2025-12-26 -p tier=OTC --top 5",
        says: "the newest shares under the current version",
      },
      { line: "onetape calc query venue_concentration --all-versions --as-of 2099-01-01 --json", says: "both versions, as of a day" },
      {
        line: 'onetape calc query --sql "SELECT mpid, market_share_pct FROM finra_otc_transparency_venue_share_latest ORDER BY rank LIMIT 3"',
        says: "a question in SQL",
      },
      {
        line: "onetape calc query symbol_summary --output summary.parquet",
        says: "rows for pandas, Polars or DuckDB; .arrow and .csv as well",
      },
    ],
    load: () => import("./commands/calc-query.js"),
  },
  {
    path: ["calc", "list"],
    summary: "list calculations and pipelines",
    arguments: [{ name: "PREFIX", required: false, says: "only names that begin so", completes: null }],
    flags: [],
    examples: [
      { line: "onetape calc list", says: "every calculation with its versions, every pipeline with its parameters" },
      { line: "onetape calc list risk.", says: "every measure of risk with its current version" },
      { line: "onetape calc list finra --json", says: "one domain's pipelines, for scripts" },
    ],
    load: () => import("./commands/calc-list.js"),
  },
  {
    path: ["calc", "describe"],
    summary: "describe a calculation or a pipeline",
    arguments: [name],
    flags: [],
    examples: [
      { line: "onetape calc describe venue_concentration", says: "keys, versions, parameters, checks" },
      { line: "onetape calc describe perf.sharpe", says: "a metric of runs: where it is computed, and what must hold of it" },
      { line: "onetape calc describe finra.otc_transparency.ingest_week --json", says: "a pipeline's parameters, for scripts" },
    ],
    load: () => import("./commands/calc-describe.js"),
  },
  {
    path: ["calc", "verify"],
    summary: "compare everything that is stored with the log",
    details: [
      "Reads each file again and compares its hash, and each set of rows with the identity that the log tells. Exit code 5 and the groups that differ.",
    ],
    arguments: [],
    flags: [],
    examples: [
      { line: "onetape calc verify", says: "every capture and result" },
      { line: "onetape calc verify --json", says: "the same for scripts" },
    ],
    load: () => import("./commands/calc-verify.js"),
  },
  {
    path: ["calc", "rebuild"],
    summary: "make every row again from the log and the kept sources",
    details: [
      "Captures, versions, retractions and calendars are events, sources are kept by hash: files and tables can be deleted and are made again, to the byte. Exit code 5 names what comes out otherwise.",
    ],
    arguments: [],
    flags: [],
    examples: [
      { line: "onetape calc rebuild", says: "everything, compared with what the log says" },
      { line: "onetape calc rebuild --json", says: "the same for scripts" },
    ],
    load: () => import("./commands/calc-rebuild.js"),
  },
  {
    path: ["calc", "schedule"],
    summary: "take the weeks that are due through every stage, once",
    details: [
      "Looks back from the last Friday, finds the weeks' files by name in --source, and ends: a timer of the machine calls it. The same day again is a replay, another day's changed file a restatement. A disk or database that fails is tried again after 60 and 120 seconds. Exit code 2 says that only some partitions succeeded.",
    ],
    arguments: [],
    flags: ["source", "weeks", "week", "tier", "stage", "fail-fast", "force", "dry-run"],
    flagsSay: { force: "do again what was done, and look back on more than 12 weeks" },
    examples: [
      {
        line: "onetape calc schedule --source finra --week 2025-12-19 --week 2025-12-26 --tier OTC --dry-run",
        says: "what would be done, the newest week first",
      },
      { line: "onetape calc schedule --source finra --week 2025-12-19 --tier OTC --json", says: "one week, for scripts" },
    ],
    load: () => import("./commands/calc-schedule.js"),
  },
  {
    path: ["calc", "version"],
    summary: "activate, deprecate, sunset or delete a version",
    details: [
      "A deprecated version is written and read with a warning, a sunset one only read, a deleted one is gone: that asks for a checklist and a second person. A current version cannot be deprecated. Every move is an event with who and why.",
    ],
    arguments: [{ name: "CALC", required: true, says: "the calculation", completes: null }],
    flags: ["move", "calc-version", "by", "reason", "checklist"],
    examples: [
      {
        line: 'onetape calc version venue_concentration --move activate --calc-version v2 --by analyst-1 --reason "trades count too"',
        says: "readers now get v2",
      },
      {
        line: 'onetape calc version venue_concentration --move deprecate --calc-version v1 --by analyst-1 --reason "v2 is current" --json',
        says: "v1 still works, with a warning",
      },
    ],
    load: () => import("./commands/calc-version.js"),
  },
  {
    path: ["calc", "readiness"],
    summary: "say for what weeks are fit, and certify one",
    arguments: [{ name: "WEEK", required: false, says: "the Friday that ends the week; left out: every week", completes: null }],
    flags: ["tier", "certify", "by"],
    examples: [
      { line: "onetape calc readiness --tier OTC", says: "every week, the newest first" },
      { line: "onetape calc readiness 2025-12-19 --tier OTC", says: "research, trading, compliance, and what stands in the way" },
      { line: "onetape calc readiness 2025-12-19 --tier OTC --certify --by analyst-1 --json", says: "records for what it may be used" },
    ],
    load: () => import("./commands/calc-readiness.js"),
  },
  {
    path: ["calc", "resolve"],
    summary: "resolve an anomaly with a note",
    arguments: [{ name: "ANOMALY", required: true, says: "its id (onetape calc query anomalies), or latest", completes: null }],
    flags: ["by", "note"],
    examples: [
      {
        line: 'onetape calc resolve latest --by analyst-1 --note "only two weeks were loaded"',
        says: "the newest open one; it stays on record",
      },
      { line: 'onetape calc resolve latest --by analyst-1 --note "only two weeks were loaded" --json', says: "the next one, for scripts" },
    ],
    load: () => import("./commands/calc-resolve.js"),
  },
  {
    path: ["calc", "restatement"],
    summary: "show what the newest capture of a week changed",
    arguments: [{ name: "WEEK", required: true, says: "the Friday that ends the week", completes: null }],
    flags: ["tier", "limit"],
    examples: [
      { line: "onetape calc restatement 2025-12-26", says: "record by record: added, removed, changed" },
      { line: "onetape calc restatement 2025-12-26 --tier OTC --json", says: "the same for scripts" },
    ],
    load: () => import("./commands/calc-restatement.js"),
  },
  {
    path: ["calc", "retract"],
    summary: "take a capture back",
    details: ["Its rows go and the capture before it is the newest again; the fact that it was there stays on the log, with who and why."],
    arguments: [capture],
    flags: ["by", "reason"],
    examples: [
      {
        line: 'onetape calc retract OTC/2025-12-26 --by analyst-1 --reason "the source withdrew it"',
        says: "the newest capture of that week",
      },
      { line: 'onetape calc retract OTC/2025-12-19 --by analyst-1 --reason "the source withdrew it" --json', says: "another, for scripts" },
    ],
    load: () => import("./commands/calc-retract.js"),
  },
];
