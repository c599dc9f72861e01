import { renderTable } from "../../../adapters/terminal/table.js";
import { grouped } from "../../../core/numeric/grouped.js";
import { type ReplayLevel, type ReplayReport, replayRun } from "../../../usecases/replay-run.js";
import { toldOf } from "../../library/telemetry.js";
import type { CommandResult, Invocation } from "../command.js";
import { withBacktestPorts } from "../compose-backtest.js";
import { describeDivergence } from "../describe-divergence.js";
import { failureOf } from "../failure.js";
import { findRun } from "../find-run.js";

const levels: readonly ReplayLevel[] = ["L1", "L2", "L3", "L4"];

export async function run({ args, flags, io, settings, signal }: Invocation): Promise<CommandResult> {
  if (!flags.on("verify")) {
    return {
      kind: "failed",
      failure: failureOf("USAGE", "a replay is for verifying: add --verify", `onetape replay ${args[0] ?? "RUN"} --verify`, {
        field: "--verify",
      }),
    };
  }
  const level = levels.find((name) => name === (flags.text("level") ?? "L4")) ?? "L4";
  const progress = io.progress("replay", "events");
  return withBacktestPorts(settings, async (ports): Promise<CommandResult> => {
    const found = await findRun(ports.runs, args[0] ?? "");
    if (found.kind === "failed") return found;
    const onProgress = (_: ReplayLevel, done: number, total: number): void => progress.update({ done, total, at: null });
    const outcome = await toldOf((request) => replayRun(ports, request))({ run: found.run, level, onProgress, signal });
    progress.end();
    if (outcome.kind === "unreadable")
      return {
        kind: "failed",
        failure: failureOf("STORE_UNAVAILABLE", outcome.message, "onetape verify --all", { field: found.run.name }),
      };
    if (outcome.kind === "aborted")
      return {
        kind: "aborted",
        kept: "stopped: the stored run is as it was",
        json: { schema: "onetape.replay/1", run_id: found.run.manifest.run_id, status: "aborted" },
      };
    return toResult(outcome.report, found.run.name, io);
  }).finally(() => progress.end());
}

function toResult(report: ReplayReport, name: string, io: Invocation["io"]): CommandResult {
  const { verified, levels: verdicts, divergence, engine } = report;
  const failed = verdicts.find(({ passed }) => !passed);
  const where = divergence === null ? "" : `; ${describeDivergence(divergence)}`;
  const otherBuild = engine.same
    ? ""
    : `. The run was recorded by engine ${engine.recorded.version} (${engine.recorded.build.slice(0, 12)}), this is ${engine.replaying.version} (${engine.replaying.build.slice(0, 12)}): another build may differ without any tampering`;
  const human = async (): Promise<string> => {
    const table = await renderTable(
      [{ title: "level" }, { title: "" }, { title: "checked", numeric: true }, { title: "" }],
      verdicts.map(({ level, passed, checked, message }) => [
        level,
        passed ? io.out.good("ok") : io.out.bad("FAILED"),
        grouped(checked),
        message,
      ]),
      io.out,
    );
    const verdict = verified ? `${io.out.good("verified")}: ${name} does again what it did\n` : `${io.out.bad("NOT verified")}: ${name}\n`;
    return `${table}${verdict}${engine.same ? "" : `note: ${otherBuild.slice(2)}\n`}`;
  };
  const json = { schema: "onetape.replay/1", ...report };
  if (failed === undefined) return { kind: "done", json, human };
  const problem = failureOf("VERIFICATION_FAILED", `${failed.level}: ${failed.message}${where}${otherBuild}`, `onetape verify ${name}`, {
    field: name,
  });
  return { kind: "done", json, human, problem };
}
