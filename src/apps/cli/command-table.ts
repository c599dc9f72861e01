import { calcCommands } from "./calc-command-table.js";
import type { ArgumentSpec, CommandSpec, Example, GroupSpec, Program } from "./command.js";
import { dataCommands } from "./data-command-table.js";
import { killSwitchCommands } from "./kill-switch-command-table.js";
import { policyCommands } from "./policy-command-table.js";
import { portfolioRiskCommands } from "./portfolio-risk-command-table.js";
import { projectionCommands } from "./projection-command-table.js";
import { qualityCommands } from "./quality-command-table.js";
import { riskCommands } from "./risk-command-table.js";
import { serverCommands } from "./server-command-table.js";
import { sessionCommands } from "./session-command-table.js";
import { signalCommands } from "./signal-command-table.js";
import { storeCommands } from "./store-command-table.js";
import { sweepCommands } from "./sweep-command-table.js";

const run: ArgumentSpec = { name: "RUN", required: true, says: "a run's id, its beginning, or latest", completes: "runs" };

/** Groups, in the order in which help shows them. */
const groups: readonly GroupSpec[] = [
  { name: "data", summary: "market data of the workspace" },
  { name: "quality", summary: "how good the data are: reports and anomalies" },
  { name: "calc", summary: "calculations over weekly market-structure files" },
  { name: "runs", summary: "stored runs" },
  { name: "signals", summary: "bracket signals in CSV files" },
  { name: "policy", summary: "risk policies: presets and files" },
  { name: "risk", summary: "what a portfolio may lose, and what a policy did in a run" },
  { name: "session", summary: "risk sessions: quotes, positions and requests on a tape" },
  { name: "orders", summary: "orders of stored runs" },
  { name: "kill-switch", summary: "what stops paper and live sessions" },
  { name: "tape", summary: "event logs" },
  { name: "store", summary: "where the workspace's logs are: look, verify, migrate" },
  { name: "drill", summary: "practise recovery" },
  { name: "projections", summary: "what is folded from logs" },
  { name: "config", summary: "configuration" },
];

const examples: readonly Example[] = [
  { line: "onetape init my-strategy", says: "a project with a strategy, a config and sample bars" },
  { line: "onetape demo", says: "sample bars, a backtest, the same again, and a verified replay" },
];

/** Every command there is. */
const commands: readonly CommandSpec[] = [
  {
    path: ["init"],
    summary: "make a project: strategy, config, sample bars",
    details: [
      "Works offline: the project depends on this installation by a file: link. A folder that holds something is refused; with --force the files of the template are overwritten and all others stay.",
    ],
    arguments: [{ name: "DIR", required: true, says: "folder of the project", completes: "folders" }],
    flags: ["force"],
    examples: [
      { line: "onetape init my-strategy", says: "then: cd my-strategy && npx onetape backtest backtest.yaml" },
      { line: "onetape init desk/pairs --json", says: "the same for scripts: prints the files it made" },
    ],
    load: () => import("./commands/init.js"),
  },
  {
    path: ["demo"],
    summary: "see it work: data, backtest, the same again, verified replay",
    details: [
      "Keeps its workspace in .onetape/demo, or in ONETAPE_HOME. Runs offline in seconds; all figures are computed, none is stored with the program.",
    ],
    arguments: [{ name: "ACTION", required: false, says: "clean removes what the demo made", completes: null }],
    flags: ["yes", "dry-run"],
    examples: [
      { line: "onetape demo", says: "the whole way, with timings" },
      { line: "onetape demo clean --yes", says: "removes it without asking" },
    ],
    load: () => import("./commands/demo.js"),
  },
  ...dataCommands,
  ...qualityCommands,
  ...calcCommands,
  {
    path: ["backtest"],
    summary: "run a strategy over stored bars",
    details: [
      "A run's id is its content: engine, strategy, config and bars. Running again executes again and compares every event with the stored run: identical, or exit code 5 and the first event that differs.",
      "With --prove-no-lookahead the run is made again on data that end earlier, and must have decided the same up to there; exit code 5 and the first event that differs where it did not.",
      "Ctrl-C keeps the events up to the last commit under an id of their own, never under the run's identity.",
    ],
    arguments: [{ name: "CONFIG", required: true, says: "the config file; its schema: onetape config schema", completes: "files" }],
    flags: ["param", "append", "cached", "no-tape", "prove-no-lookahead"],
    examples: [
      {
        line: "onetape backtest backtest.yaml --prove-no-lookahead 3",
        says: "runs, stores, prints the figures and shows that nothing looked ahead",
      },
      { line: "onetape backtest backtest.yaml --json", says: "one JSON object: run_id, identical, tape, artifacts, metrics" },
    ],
    load: () => import("./commands/backtest.js"),
  },
  {
    path: ["paper"],
    summary: "run a strategy as a paper session: bars come one by one",
    details: [
      "The same engine as a backtest, fed with closed bars as they come; every batch of events is committed before anything is made of it.",
      "Ctrl-C stops the session. The same command goes on with it, also after a crash: it runs again from its first event, compares what it decides with its tape, and appends from where that ends. The tape is then that of a session that was never stopped.",
    ],
    arguments: [{ name: "CONFIG", required: true, says: "the config file of a backtest on one-minute bars", completes: "files" }],
    flags: ["replay", "speed", "session", "param"],
    examples: [
      { line: "onetape paper backtest.yaml --replay latest", says: "the bars of the config, as fast as they can be taken" },
      {
        line: "onetape paper backtest.yaml --replay latest --speed 100000 --session desk --json",
        says: "in compressed time, under a name of its own",
      },
    ],
    load: () => import("./commands/paper.js"),
  },
  ...sweepCommands,
  ...signalCommands,
  ...policyCommands,
  ...riskCommands,
  ...portfolioRiskCommands,
  ...sessionCommands,
  ...serverCommands,
  {
    path: ["replay"],
    summary: "run a stored run or session again and compare",
    details: [
      "Takes strategy, config and bars from the run's own artifacts by hash, in a fresh process: editing your files changes nothing. L1 compares the chain, L2 the payloads, L3 the state at every anchor, L4 every decision.",
      "RUN may also be the name of a paper session: its bars stand on its tape, its strategy is what the workspace kept when it began. One that has no end yet is replayed up to where it stands.",
    ],
    arguments: [run],
    flags: ["verify", "level"],
    examples: [
      { line: "onetape replay latest --verify", says: "all four levels, or the first event that differs and exit code 5" },
      { line: "onetape replay latest --verify --level L2 --json", says: "chain and payloads only, for scripts" },
    ],
    load: () => import("./commands/replay.js"),
  },
  {
    path: ["runs", "list"],
    summary: "list the runs of the workspace",
    arguments: [],
    flags: ["limit"],
    examples: [
      { line: "onetape runs list", says: "newest first" },
      { line: "onetape runs list --limit 10 --json", says: "the newest ten, for scripts" },
    ],
    load: () => import("./commands/runs-list.js"),
  },
  {
    path: ["runs", "show"],
    summary: "show one run: choices, figures, artifacts; or a session as it stands",
    arguments: [run],
    flags: ["follow"],
    examples: [
      { line: "onetape runs show latest", says: "what ran, on which bars, and what came of it" },
      { line: "onetape runs show desk --follow", says: "a paper session: a line each time its tape has moved" },
      { line: "onetape runs show latest --json", says: "the run's manifest and metrics" },
    ],
    load: () => import("./commands/runs-show.js"),
  },
  {
    path: ["report"],
    summary: "make the tear sheet of a run: a page, JSON or tables",
    details: [
      "Reads the run's own artifacts, compares each with the identity that the manifest names, and computes nothing twice. Formats: html (one self-contained file, the default), json (the same as a document), csv and parquet (a folder of tables). The same run gives the same bytes; a file that is there already stays as it is.",
      "Without --output the report lies beside the run's artifacts. Tables: metrics, assumptions, sessions, periods, drawdowns, contribution, costs, trades, equity.",
    ],
    arguments: [run],
    flags: ["format", "output", "table", "open"],
    examples: [
      { line: "onetape report latest", says: "writes tear-sheet.html beside the run's artifacts" },
      { line: "onetape report latest --format csv --table trades --output -", says: "one table on stdout" },
      { line: "onetape report latest --format json --output tear-sheet.json --open no", says: "the document, for programs" },
    ],
    load: () => import("./commands/report.js"),
  },
  {
    path: ["events"],
    summary: "read the tape of a run",
    arguments: [run],
    flags: ["type", "stream", "from", "to", "limit", "ndjson"],
    examples: [
      { line: "onetape events latest --type order.filled --limit 5", says: "the first five fills" },
      { line: "onetape events latest --ndjson", says: "every event, one JSON document a line" },
    ],
    load: () => import("./commands/events.js"),
  },
  {
    path: ["explain"],
    summary: "go from a number of a run to the events behind it",
    details: [
      "WHAT is a metric (sharpe), a table or a row of it (ret.period/YTD), a trade (trade:3), a session date (2024-01-02), or an order (O12). The tape is folded again: a number that differs from the stored one ends with exit code 5.",
      "A metric is shown with its calculation, definition, formula and terms, the largest first, each with the tape positions that it comes from; a trade with its fills, orders, risk decisions, signals and bars; a session with the fills and marks that moved equity.",
      "An order is shown with value, limit and verdict of every check of the risk gate, for the order and for each change of it. They are worked out by running the engine again up to the decision; a decision that comes out otherwise than the tape holds it ends with exit code 5. For an order, RUN may also be the name of a paper session.",
    ],
    arguments: [run, { name: "WHAT", required: true, says: "a metric, a table, trade:N, an order or a session date", completes: null }],
    flags: ["limit"],
    examples: [
      { line: "onetape explain latest sharpe", says: "the ratio down to the session marks behind it" },
      { line: "onetape explain latest trade:1", says: "one round trip: fills, orders, decisions, signals, bars" },
      { line: "onetape explain latest O1", says: "why the gate let an order through: value and limit of every check" },
      { line: "onetape explain latest ret.period/YTD --json", says: "one row of a table, for scripts" },
    ],
    load: () => import("./commands/explain.js"),
  },
  {
    path: ["verify"],
    summary: "check the tape of a run, or of everything",
    details: [
      "L1 checks chains, order and anchors, L2 also the bytes of every payload. The first bad position is named with its column. For L3 and L4: onetape replay RUN --verify.",
    ],
    arguments: [{ ...run, required: false, says: "a run's id, its beginning, or latest; left out: everything" }],
    flags: ["all", "level"],
    examples: [
      { line: "onetape verify --all", says: "every log of the workspace at L2" },
      { line: "onetape verify latest --level L1", says: "the chain of one run" },
    ],
    load: () => import("./commands/verify.js"),
  },
  {
    path: ["tape", "convert"],
    summary: "write a run's tape in the other layout, hash for hash",
    details: ["The converted log goes to a file of its own and is verified against the original's head before it gets its name."],
    arguments: [run],
    flags: ["layout", "output"],
    examples: [
      { line: "onetape tape convert latest --layout rows --output run.sqlite", says: "a row per event: any SQLite tool can read it" },
      {
        line: "onetape tape convert latest --layout segments --output run-segments.sqlite",
        says: "hashed segments: small and fast to read whole",
      },
    ],
    load: () => import("./commands/tape-convert.js"),
  },
  ...storeCommands,
  ...projectionCommands,
  {
    path: ["diff"],
    summary: "find the first event where two runs part, and what lies behind it",
    details: [
      "Runs that were given the same are compared by their content chains: some twenty comparisons for a million events. Runs that were given something else have their inputs listed, and then the first decision that differs.",
      "Shows both payloads, the paths in which they differ, the bar and the common cause behind them, and the trading state just before and after. Exit code 0 says identical, 5 that the runs differ.",
    ],
    arguments: [
      {
        name: "RUN",
        required: true,
        variadic: true,
        says: "two of: a run's id, its beginning, latest, the folder of a run, the file of a converted tape",
        completes: "runs",
      },
    ],
    flags: ["full"],
    examples: [
      { line: "onetape diff latest run.sqlite", says: "a run and its converted tape: identical" },
      { line: "onetape diff latest run-segments.sqlite --full --json", says: "everything that was compared, for scripts" },
    ],
    load: () => import("./commands/diff.js"),
  },
  ...killSwitchCommands,
  {
    path: ["config", "show"],
    summary: "show the settings, or a backtest's config with every default filled in",
    arguments: [{ name: "CONFIG", required: false, says: "a backtest's config file", completes: "files" }],
    flags: ["origin"],
    examples: [
      { line: "onetape config show --origin", says: "the settings, and who decided each" },
      { line: "onetape config show backtest.yaml --origin", says: "a run's choices: config, strategy or default" },
    ],
    load: () => import("./commands/config-show.js"),
  },
  {
    path: ["config", "schema"],
    summary: "print the JSON Schema of a config file",
    arguments: [
      { name: "NAME", required: false, says: "backtest (the default), instruments, policy, scenarios, settings or sweep", completes: null },
    ],
    flags: ["output"],
    examples: [
      { line: "onetape config schema", says: "of backtest.yaml" },
      { line: "onetape config schema instruments --output instruments.schema.json", says: "of an instruments file, into a file" },
    ],
    load: () => import("./commands/config-schema.js"),
  },
  {
    path: ["doctor"],
    summary: "check Node, the workspace, the stores and the disk",
    arguments: [],
    flags: [],
    examples: [
      { line: "onetape doctor", says: "every check with what it found" },
      { line: "onetape doctor --json", says: "the same for a bug report" },
    ],
    load: () => import("./commands/doctor.js"),
  },
  {
    path: ["completion"],
    summary: "print the completion script of a shell",
    arguments: [{ name: "SHELL", required: true, says: "bash, zsh, fish or powershell", completes: "shells" }],
    flags: [],
    examples: [
      { line: "onetape completion bash", says: 'load it with: eval "$(onetape completion bash)"' },
      { line: "onetape completion fish", says: "load it with: onetape completion fish | source" },
    ],
    load: () => import("./commands/completion.js"),
  },
  {
    path: ["help"],
    summary: "help on a command",
    arguments: [{ name: "COMMAND", required: false, variadic: true, says: "the command's words", completes: "commands" }],
    flags: [],
    examples: [
      { line: "onetape help backtest", says: "the same as onetape backtest --help" },
      { line: "onetape help --json", says: "every command with its flags, for tools" },
    ],
    load: () => import("./commands/help.js"),
  },
  {
    path: ["__complete"],
    summary: "candidates for a completion script",
    hidden: true,
    arguments: [{ name: "KIND", required: true, says: "runs, sweeps, symbols, data, policies, shells or commands", completes: null }],
    flags: [],
    examples: [{ line: "onetape __complete runs", says: "ids of the workspace's runs, one a line" }],
    load: () => import("./commands/complete.js"),
  },
];

export const program: Program = { commands, groups, examples };
