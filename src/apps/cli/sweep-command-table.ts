import type { ArgumentSpec, CommandSpec } from "./command.js";

const sweep: ArgumentSpec = { name: "SWEEP", required: true, says: "a sweep's id, its beginning, or latest", completes: "sweeps" };

/** Commands of sweeps. */
export const sweepCommands: readonly CommandSpec[] = [
  {
    path: ["sweep"],
    summary: "run a strategy over a grid of parameters",
    details: [
      "Every point is the backtest with its parameters: same run id, same figures. Points run on worker threads that share the bars, without tapes; each is on disk the moment it has ended.",
      "A sweep's id is its content: strategy, config, bars, grid and engine. Running again takes the points that are there and computes the rest; a change of any of these is another sweep.",
      "A grid may also stand in the config, as section sweep; --grid and --param win over it, parameter by parameter. Exit code 2: some points failed or went over their time budget.",
    ],
    arguments: [{ name: "CONFIG", required: true, says: "the config file; its schema: onetape config schema", completes: "files" }],
    flags: [
      "grid",
      "param",
      "workers",
      "metric",
      "goal",
      "top",
      "max-points",
      "point-budget-ms",
      "content-hash",
      "resume",
      "recompute",
      "ndjson",
    ],
    examples: [
      { line: "onetape sweep backtest.yaml --grid fast=5..20:5 --grid slow=20..60:20", says: "twelve backtests, ranked, and a heat map" },
      {
        line: "onetape sweep backtest.yaml --grid fast=5..8 --metric calmar --ndjson",
        says: "every point, one JSON document a line, in grid order",
      },
    ],
    load: () => import("./commands/sweep.js"),
  },
  {
    path: ["sweep", "list"],
    summary: "list the sweeps of the workspace",
    arguments: [],
    flags: ["limit"],
    examples: [
      { line: "onetape sweep list", says: "newest first" },
      { line: "onetape sweep list --limit 10 --json", says: "the newest ten, for scripts" },
    ],
    load: () => import("./commands/sweep-list.js"),
  },
  {
    path: ["sweep", "show"],
    summary: "show a sweep: best points, heat map, stability, deflated Sharpe ratio",
    details: ["Ranks by the metric of the sweep, or by any other: every point keeps all metrics."],
    arguments: [sweep],
    flags: ["metric", "goal", "top", "output", "ndjson"],
    examples: [
      { line: "onetape sweep show latest --metric calmar", says: "the same points by another metric" },
      { line: "onetape sweep show latest --output heat-map.html", says: "the heat map as a page of its own; .svg for the picture alone" },
    ],
    load: () => import("./commands/sweep-show.js"),
  },
  {
    path: ["sweep", "open"],
    summary: "make a run of a sweep's point: tape, artifacts, everything",
    details: [
      "Takes strategy, config and bars from the sweep's own copies by hash. The run is the one that onetape backtest with the point's parameters makes; exit code 5 where its figures are not those of the sweep.",
    ],
    arguments: [sweep],
    flags: ["point"],
    examples: [
      { line: "onetape sweep open latest", says: "the best point" },
      { line: "onetape sweep open latest --point 3 --json", says: "a point by its number" },
    ],
    load: () => import("./commands/sweep-open.js"),
  },
];
