import { renderTable } from "../../../adapters/terminal/table.js";
import { grouped } from "../../../core/numeric/grouped.js";
import type { StoredRun } from "../../../ports/run-store.js";
import type { ProvedLevels, ReplayLevel } from "../../../usecases/replay-levels.js";
import { replayPaperSession, type SessionReplayOutcome } from "../../../usecases/replay-paper-session.js";
import { type ReplayOutcome, type ReplayReport, replayRun } from "../../../usecases/replay-run.js";
import { toldOf } from "../../library/telemetry.js";
import type { CommandResult, Invocation } from "../command.js";
import { describeDivergence } from "../describe-divergence.js";
import { failureOf } from "../failure.js";
import { findRun } from "../find-run.js";
import { withSessions } from "../with-sessions.js";

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
  return withSessions(settings, async (ports): Promise<CommandResult> => {
    const [word = ""] = args;
    const onProgress = (_: ReplayLevel, done: number, total: number): void => progress.update({ done, total, at: null });
    const session = await replayPaperSession(ports, { session: word, level, onProgress, signal });
    if (session.kind !== "none") {
      progress.end();
      return ofSession(session, word, io);
    }
    const found = await findRun(ports.runs, word);
    if (found.kind === "failed") return found;
    const outcome = await toldOf((request) => replayRun(ports, request))({ run: found.run, level, onProgress, signal });
    progress.end();
    return ofRun(outcome, found.run, io);
  }).finally(() => progress.end());
}

function ofSession(outcome: Exclude<SessionReplayOutcome, { kind: "none" }>, name: string, io: Invocation["io"]): CommandResult {
  if (outcome.kind === "unreadable") return unreadable(outcome.message, "onetape store doctor", name);
  if (outcome.kind === "aborted") return stopped("the session", { session: name });
  const { report } = outcome;
  return toResult(report, report.session, `onetape store verify ${name}`, null, io);
}

function ofRun(outcome: ReplayOutcome, { name, manifest }: StoredRun, io: Invocation["io"]): CommandResult {
  if (outcome.kind === "unreadable") return unreadable(outcome.message, "onetape verify --all", name);
  if (outcome.kind === "aborted") return stopped("the stored run", { run_id: manifest.run_id });
  return toResult(outcome.report, name, `onetape verify ${name}`, outcome.report.engine, io);
}

function unreadable(message: string, next: string, name: string): CommandResult {
  return { kind: "failed", failure: failureOf("STORE_UNAVAILABLE", message, next, { field: name }) };
}

function stopped(what: string, named: Readonly<Record<string, string>>): CommandResult {
  return { kind: "aborted", kept: `stopped: ${what} is as it was`, json: { schema: SCHEMA, ...named, status: "aborted" } };
}

const SCHEMA = "onetape.replay/1";

/** @param engine what recorded it and what replays it; null where that is not said. */
function toResult(
  report: ProvedLevels,
  name: string,
  next: string,
  engine: ReplayReport["engine"] | null,
  io: Invocation["io"],
): CommandResult {
  const { verified, levels: verdicts, divergence } = report;
  const failed = verdicts.find(({ passed }) => !passed);
  const where = divergence === null ? "" : `; ${describeDivergence(divergence)}`;
  const otherBuild =
    engine === null || engine.same
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
    return `${table}${verdict}${otherBuild === "" ? "" : `note: ${otherBuild.slice(2)}\n`}`;
  };
  const json = { schema: SCHEMA, ...report };
  if (failed === undefined) return { kind: "done", json, human };
  const problem = failureOf("VERIFICATION_FAILED", `${failed.level}: ${failed.message}${where}${otherBuild}`, next, { field: name });
  return { kind: "done", json, human, problem };
}
