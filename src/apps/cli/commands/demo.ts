import { existsSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join, relative } from "node:path";
import { createInterface } from "node:readline/promises";
import { grouped } from "../../../core/numeric/grouped.js";
import type { BacktestPorts } from "../../../usecases/backtest-ports.js";
import { readReport } from "../../../usecases/read-report.js";
import { type BacktestOutcome, runBacktest } from "../../../usecases/run-backtest.js";
import { reportText, type WrittenReport, writeDocument } from "../../../usecases/write-report.js";
import { dataPorts } from "../../library/data-ports.js";
import type { WorkspaceChoice } from "../../library/event-stores.js";
import { reportPorts } from "../../library/reporting.js";
import { showBacktest } from "../backtest-progress.js";
import type { CommandResult, Invocation } from "../command.js";
import { withBacktestPorts } from "../compose-backtest.js";
import { refused } from "../data-refusal.js";
import { demoHome } from "../demo-home.js";
import { capture, quality, replayElsewhere, type StepOutcome, writeSample } from "../demo-steps.js";
import { type Failure, failure, failureOf } from "../failure.js";
import { findRun } from "../find-run.js";
import { identityInWords, metricText } from "../render-backtest.js";
import { programVersion } from "../version.js";
import { refused as noReport, shown as shownPath } from "./report.js";

const titles = ["sample bars", "capture", "quality", "backtest", "again", "replay", "tear sheet"] as const;

interface Told {
  readonly step: (typeof titles)[number];
  readonly line: string;
  readonly elapsed_ms: number;
}

/** Ends the demo where a step fails. */
class StepFailed extends Error {
  readonly failure: Failure;

  constructor(reason: Failure) {
    super(reason.message);
    this.failure = reason;
  }
}

export async function run(invocation: Invocation): Promise<CommandResult> {
  const [action] = invocation.args;
  if (action === "clean") return clean(invocation);
  if (action !== undefined) {
    const failed = failureOf("USAGE", `the demo knows no action ${JSON.stringify(action)}`, "onetape demo --help", {
      field: "ACTION",
      value: action,
      expected: "clean, or nothing",
    });
    return { kind: "failed", failure: failed };
  }
  try {
    return await show(invocation);
  } catch (error) {
    if (error instanceof StepFailed) return { kind: "failed", failure: error.failure };
    throw error;
  }
}

async function show(invocation: Invocation): Promise<CommandResult> {
  const { io, signal } = invocation;
  const { home, own } = demoHome(invocation);
  const folder = join(home, "project");
  const shown = relative(process.cwd(), home) || ".";
  const steps: Told[] = [];
  const tell = async (text: string): Promise<void> => {
    if (!io.json) await io.write(text);
  };
  await tell(
    `${io.out.bold(`onetape ${programVersion()}`)}  demo, offline, in ${shown}${own ? "  (remove it with: onetape demo clean)" : ""}\n`,
  );
  const step = async <T>(work: () => Promise<StepOutcome<T>>): Promise<T> => {
    const title = titles[steps.length] ?? "replay";
    const started = performance.now();
    const outcome = await work();
    signal.throwIfAborted();
    if (outcome.kind === "failed") throw new StepFailed(outcome.failure);
    const told: Told = { step: title, line: outcome.line, elapsed_ms: Math.round(performance.now() - started) };
    steps.push(told);
    const seconds = `${(told.elapsed_ms / 1000).toFixed(2)} s`;
    await tell(` ${steps.length}/${titles.length} ${title.padEnd(12)} ${told.line.padEnd(88)} ${io.out.dim(seconds.padStart(7))}\n`);
    return outcome.value;
  };
  await step(() => writeSample(folder));
  await withDataStore(home, async (data) => {
    const taken = await step(() => capture(data, folder, signal));
    await step(() => quality(data, taken.capture_id));
  });
  const result = await withBacktestPorts(inFiles(home), async (ports) => {
    const configPath = join(folder, "backtest.yaml");
    const attempt = (): Promise<StepOutcome<Extract<BacktestOutcome, { kind: "ok" }>["result"]>> =>
      backtest(invocation, (onProgress) => runBacktest(ports, { configPath, signal, onProgress }));
    await step(attempt);
    return step(attempt);
  });
  const replayed = await step(() => replay(home, result.run_id, signal));
  const sheet = await step(() => withBacktestPorts(inFiles(home), (ports) => tearSheet(ports, result.run_id)));
  const where = relative(process.cwd(), result.dir ?? home);
  const prefix = `${own ? `--home ${shown} ` : ""}${invocation.settings.store === "postgres" ? "--store sqlite " : ""}`;
  await tell(
    `\n${io.out.good("identical")}: run ${result.run_id} did the same twice, and a process that knows only its artifacts did it again\n`,
  );
  await tell(`artifacts in ${where}\n`);
  await tell(`open ${io.out.bold(shownPath(sheet.path))} in a browser: the tear sheet, one file, offline\n`);
  const next = [
    `npx onetape ${prefix}runs show latest`,
    `npx onetape ${prefix}report latest --format csv`,
    `npx onetape ${prefix}events latest --type order.filled --limit 5`,
    "npx onetape init my-strategy",
  ];
  await tell(`try ${next.map((line, index) => `${index === 0 ? "" : "    "}${line}\n`).join("")}`);
  if (!io.json) return { kind: "streamed" };
  const { run_id, identical, bars, events, orders, fills, tape, artifacts, metrics } = result;
  const json = {
    schema: "onetape.demo/1",
    home,
    run_id,
    identical,
    verified: replayed.verified,
    bars,
    events,
    orders,
    fills,
    tape,
    artifacts,
    metrics,
    steps,
    dir: result.dir,
    tear_sheet: sheet.path,
  };
  return { kind: "done", json, human: () => "" };
}

/** A demonstration stays in its folder, whatever database the environment names. */
function inFiles(home: string): WorkspaceChoice {
  return { home, store: "sqlite" };
}

async function withDataStore(home: string, work: (ports: ReturnType<typeof dataPorts>) => Promise<void>): Promise<void> {
  const ports = dataPorts(inFiles(home));
  try {
    await work(ports);
  } finally {
    await ports.store.close();
  }
}

type Result = Extract<BacktestOutcome, { kind: "ok" }>["result"];
type OnProgress = NonNullable<Parameters<typeof runBacktest>[1]["onProgress"]>;

async function backtest({ io }: Invocation, work: (onProgress: OnProgress) => Promise<BacktestOutcome>): Promise<StepOutcome<Result>> {
  const progress = io.progress("backtest", "bars");
  const outcome = await work(showBacktest(progress)).finally(() => progress.end());
  switch (outcome.kind) {
    case "ok": {
      const { result } = outcome;
      const sharpe = result.metrics["sharpe"];
      const figure = sharpe === undefined ? "" : `, Sharpe ${metricText("sharpe", sharpe)}`;
      const line = `${identityInWords(result)}: ${grouped(result.events)} events, ${grouped(result.trades)} trades${figure}`;
      return { kind: "told", value: result, line };
    }
    case "invalid":
      return { kind: "failed", failure: failure("RUN_INVALID", outcome.violations, "onetape demo clean") };
    case "refused":
      return { kind: "failed", failure: refused(outcome.refusal) };
    case "mismatch":
      return { kind: "failed", failure: failureOf("MISMATCH", `${outcome.differs.join(", ")} of ${outcome.run_id}`, "onetape demo clean") };
    case "failed":
      return { kind: "failed", failure: failureOf("STRATEGY_FAILED", outcome.result.error.message, "onetape demo clean") };
    case "aborted":
      return {
        kind: "failed",
        failure: failureOf(outcome.reason === "time-budget" ? "TIME_BUDGET" : "IO", outcome.message, "onetape doctor"),
      };
  }
}

async function replay(home: string, runId: string, signal: AbortSignal): Promise<StepOutcome<{ readonly verified: boolean }>> {
  const report = await replayElsewhere(home, runId, signal);
  if (report?.verified !== true) {
    return {
      kind: "failed",
      failure: failureOf("VERIFICATION_FAILED", `the replay of ${runId} did not verify`, `onetape --home ${home} replay ${runId} --verify`),
    };
  }
  const levels = report.levels.map(({ level }) => level).join(" ");
  const checked = report.levels.at(-1)?.checked ?? 0;
  return { kind: "told", value: report, line: `${levels} hold in a fresh process: ${grouped(checked)} events again, byte for byte` };
}

async function tearSheet(ports: BacktestPorts, runId: string): Promise<StepOutcome<WrittenReport>> {
  const found = await findRun(ports.runs, runId);
  if (found.kind === "failed") return found;
  const own = reportPorts(ports);
  const read = await readReport(own, found.run);
  if (read.kind !== "read") return { kind: "failed", failure: noReport(read, runId) };
  const written = await writeDocument(own, join(found.run.dir, "tear-sheet.html"), await reportText(own, read.sheet, "html"));
  const line = `${written.unchanged ? "unchanged" : "written"}: tear-sheet.html, every chart, trade, assumption and definition in one file`;
  return { kind: "told", value: written, line };
}

async function clean(invocation: Invocation): Promise<CommandResult> {
  const { flags, io } = invocation;
  const { home, own } = demoHome(invocation);
  const shown = relative(process.cwd(), home) || ".";
  const document = { schema: "onetape.demo-clean/1", home };
  if (!own) {
    const message = `${shown} was named as the workspace and may hold more than the demo`;
    return { kind: "failed", failure: failureOf("USAGE", message, "remove the folder by hand", { field: "--home", value: home }) };
  }
  if (!existsSync(home)) return { kind: "done", json: { ...document, removed: false }, human: () => "there is no demo to remove\n" };
  if (flags.on("dry-run")) return { kind: "done", json: { ...document, removed: false }, human: () => `would remove ${shown}\n` };
  if (!flags.on("yes") && !(await confirmed(io, `Remove ${shown} with all it holds?`))) {
    return { kind: "failed", failure: failureOf("NEEDS_CONFIRMATION", `${shown} stays`, "onetape demo clean --yes", { field: "--yes" }) };
  }
  await rm(home, { recursive: true, force: true });
  return { kind: "done", json: { ...document, removed: true }, human: () => `removed ${shown}\n` };
}

async function confirmed(io: Invocation["io"], question: string): Promise<boolean> {
  if (!io.canAsk) return false;
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return /^y(es)?$/i.test((await lines.question(`${question} [y/N] `)).trim());
  } finally {
    lines.close();
  }
}
