import { availableParallelism } from "node:os";
import { nearestName } from "../../../core/quality/nearest-name.js";
import type { SweepGoal } from "../../../core/sweep/rank-points.js";
import { runSweep, type SweepOutcome, type SweepRequest, type SweepRow } from "../../../usecases/run-sweep.js";
import { type ShownSweep, showSweep } from "../../../usecases/show-sweep.js";
import type { CommandResult, Invocation, JsonDocument } from "../command.js";
import { qualityGate } from "../compose-quality.js";
import { withSweepPorts } from "../compose-sweep.js";
import { refused as refusedData } from "../data-refusal.js";
import { type Failure, failure, failureOf } from "../failure.js";
import { LiveSweep } from "../live-sweep.js";
import { renderSweep, SHOWN_POINTS } from "../render-sweep.js";
import { afterRefusal } from "../run-refusal.js";
import { statedPairs } from "../stated-params.js";

export async function run(invocation: Invocation): Promise<CommandResult> {
  const { args, flags, io, settings, signal } = invocation;
  const [configPath = ""] = args;
  const grid = statedPairs("grid", flags.list("grid"));
  const params = statedPairs("param", flags.list("param"));
  const violations = [...grid.violations, ...params.violations];
  if (violations.length > 0) return { kind: "failed", failure: failure("USAGE", violations, "onetape sweep --help") };
  const rows = flags.on("ndjson");
  const top = flags.number("top") ?? SHOWN_POINTS;
  const live = new LiveSweep(io, top);
  const printer = new RowPrinter(io.write);
  let sweepId = "";
  const request: SweepRequest = {
    configPath,
    onNote: (note: string) => io.note(`note: ${note}`),
    grid: grid.pairs.map(({ name, text }) => ({ name, items: text.split(","), field: "--grid" })),
    params: params.pairs,
    workers: flags.number("workers") ?? Math.max(1, availableParallelism() - 1),
    ...choices(invocation),
    resume: flags.on("resume"),
    recompute: flags.on("recompute"),
    signal,
    onStart(start) {
      sweepId = start.sweep_id;
      for (const line of start.damaged)
        io.warn(`${line} of sweep ${start.sweep_id} was changed after it was written; its point is computed again`);
      if (start.taken.length > 0) io.note(`${start.taken.length} of ${start.grid.points} points are there from before`);
      live.start(start);
    },
    onPoint: (row) => live.add(row),
    onRow: (row) => {
      if (rows) printer.add(sweepId, row);
    },
  };
  return withSweepPorts(settings, async (ports, store) => {
    const outcome = await runSweep(ports, { ...request, quality: qualityGate(invocation, store) }).finally(() => live.end());
    await printer.end();
    if (outcome.kind !== "ended") return refused(invocation, outcome);
    const { result, sweep } = outcome;
    const problem = partial(outcome.rows, result.summary.over_budget, result.sweep_id);
    if (rows) return { kind: "streamed", ...(problem === null ? {} : { problem }) };
    const shown = await showSweep(ports, sweep);
    if (shown.kind !== "shown") throw new Error(shown.message);
    const view = shown.shown;
    return {
      kind: "done",
      json: { schema: "onetape.sweep/1", ...result, axes: view.grid.axes, top: view.ranked.slice(0, top), files: sweep.manifest.files },
      human: async () =>
        `${head(result, view, io)}\n${await renderSweep(view, top, io.width, io.out)}\n${io.out.dim("files")}  ${result.dir}\n`,
      next:
        view.summary.best === null
          ? []
          : [`onetape sweep open ${result.sweep_id.slice(0, 12)}`, `onetape sweep show ${result.sweep_id.slice(0, 12)} --metric calmar`],
      ...(problem === null ? {} : { problem }),
    };
  });
}

/** Choices that are stated; absent ones fall to the config. */
function choices({ flags }: Invocation): Partial<SweepRequest> {
  const metric = flags.text("metric");
  const goal = flags.text("goal");
  const max_points = flags.number("max-points");
  const point_budget_ms = flags.number("point-budget-ms");
  return {
    ...(metric === undefined ? {} : { metric }),
    ...(isGoal(goal) ? { goal } : {}),
    ...(max_points === undefined ? {} : { max_points }),
    ...(point_budget_ms === undefined ? {} : { point_budget_ms }),
    content_hashes: flags.on("content-hash"),
  };
}

export function isGoal(text: string | undefined): text is SweepGoal {
  return text === "max" || text === "min";
}

function head(
  { sweep_id, points, taken, computed, identical, summary, elapsed_ms }: Extract<SweepOutcome, { kind: "ended" }>["result"],
  { sweep }: ShownSweep,
  { out }: Invocation["io"],
): string {
  const { strategy, bars } = sweep.manifest;
  const from = identical === true ? "computed again, identical to the stored ones" : `${computed} computed, ${taken} from before`;
  const lost = [
    ...(summary.failed === 0 ? [] : [`${summary.failed} failed`]),
    ...(summary.over_budget === 0 ? [] : [`${summary.over_budget} over their time budget`]),
  ];
  return [
    `${out.dim("sweep")}     ${out.bold(sweep_id)}`,
    `${out.dim("strategy")}  ${strategy.name} ${strategy.version}`,
    `${out.dim("points")}    ${points} of ${bars} bars: ${from} in ${(elapsed_ms / 1000).toFixed(2)} s${lost.length === 0 ? "" : `; ${lost.join(", ")}`}`,
    "",
  ].join("\n");
}

/** Points that have no figures, as the reason for exit code 2; null where there are none. */
function partial(rows: Extract<SweepOutcome, { kind: "ended" }>["rows"], overBudget: number, sweepId: string): Failure | null {
  const failed = rows.filter(({ status }) => status === "failed");
  const details = failed.map(({ point, params, error }) => ({
    code: error?.code ?? "STRATEGY_FAILED",
    message: `point ${point} (${Object.entries(params)
      .map(([name, value]) => `${name}=${String(value)}`)
      .join(" ")}): ${error?.handler ?? ""} failed: ${error?.message ?? ""}`,
  }));
  if (overBudget > 0)
    details.push({ code: "TIME_BUDGET", message: `${overBudget} points went over their time budget; running again tries them again` });
  const [first] = failed;
  const next =
    first === undefined
      ? "the same command with a higher --point-budget-ms"
      : `onetape sweep open ${sweepId.slice(0, 12)} --point ${first.point}`;
  return details.length === 0 ? null : failure("PARTIAL", details, next);
}

function refused(invocation: Invocation, outcome: Exclude<SweepOutcome, { kind: "ended" }>): CommandResult {
  const [configPath = ""] = invocation.args;
  switch (outcome.kind) {
    case "refused":
      return { kind: "failed", failure: refusedData(outcome.refusal) };
    case "invalid": {
      const { violations } = outcome;
      const near = nearestName(configPath, ["list", "show", "open"]);
      const missing = violations[0]?.code === "FILE_NOT_FOUND" && violations[0].field === undefined;
      const ofGrid = violations.every(({ field }) => field?.startsWith("--") === true);
      const help = near === null ? "onetape sweep --help" : `onetape sweep ${near} --help`;
      return {
        kind: "failed",
        failure: failure("RUN_INVALID", violations, missing || ofGrid ? help : afterRefusal(violations, configPath)),
      };
    }
    case "aborted": {
      const { sweep_id, done, points } = outcome;
      const kept = `stopped on request: ${done} of ${points} points are kept; go on with\n${commandLine(invocation)}`;
      const json: JsonDocument = { schema: "onetape.sweep/1", sweep_id, status: "aborted", done, points, resume: commandLine(invocation) };
      return { kind: "aborted", kept, json };
    }
    case "mismatch": {
      const { sweep_id, points } = outcome;
      const message = `${points.length} points differ from what was stored: ${points.slice(0, 10).join(", ")}`;
      const json: JsonDocument = { schema: "onetape.sweep/1", sweep_id, status: "mismatch", identical: false, differs: points };
      const problem = failureOf("MISMATCH", message, `onetape sweep open ${sweep_id.slice(0, 12)} --point ${points[0] ?? 1}`);
      return { kind: "done", json, human: () => "", problem };
    }
    case "nothing_to_resume": {
      const { sweep_id, others } = outcome;
      const message = `no sweep of this content was begun: its id would be ${sweep_id}. Strategy, config, data, grid or engine have changed, or it was never begun`;
      const known = others.slice(0, 5).map((other) => other.sweep_id.slice(0, 12));
      const expected = known.length === 0 ? "the same command without --resume" : `sweeps of this strategy are ${known.join(", ")}`;
      return {
        kind: "failed",
        failure: failureOf("NOT_FOUND", message, "the same command without --resume", { field: "--resume", expected }),
      };
    }
  }
}

/** The command that goes on with this sweep. */
function commandLine({ args, flags }: Invocation): string {
  const words = ["onetape", "sweep", ...args];
  for (const name of ["grid", "param"] as const) for (const text of flags.list(name)) words.push(`--${name}`, text);
  for (const name of ["metric", "goal"] as const) {
    const text = flags.text(name);
    if (text !== undefined) words.push(`--${name}`, text);
  }
  for (const name of ["workers", "top", "max-points", "point-budget-ms"] as const) {
    const number = flags.number(name);
    if (number !== undefined) words.push(`--${name}`, String(number));
  }
  for (const name of ["content-hash", "ndjson", "json"] as const) if (flags.on(name)) words.push(`--${name}`);
  return [...words, "--resume"].map((word) => (/^[\w./:=,+-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`)).join(" ");
}

/** Writes rows in the order in which they come, one after the other. */
class RowPrinter {
  readonly #write: (text: string) => Promise<void>;
  #last: Promise<void> = Promise.resolve();

  constructor(write: (text: string) => Promise<void>) {
    this.#write = write;
  }

  add(sweep_id: string, row: SweepRow): void {
    const text = `${JSON.stringify({ sweep_id, ...row })}\n`;
    this.#last = this.#last.then(() => this.#write(text));
  }

  end(): Promise<void> {
    return this.#last;
  }
}
