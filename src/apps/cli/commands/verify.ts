import { renderTable } from "../../../adapters/terminal/table.js";
import { grouped } from "../../../core/numeric/grouped.js";
import type { StoredRun } from "../../../ports/run-store.js";
import { verifyFolders, verifyRuns } from "../../../usecases/verify-runs.js";
import type { CommandResult, Invocation } from "../command.js";
import { withBacktestPorts } from "../compose-backtest.js";
import { failure, failureOf } from "../failure.js";
import { findRun } from "../find-run.js";
import { type LogVerification, verifyOwnLogs } from "../verify-own-logs.js";

export async function run({ args, flags, io, settings }: Invocation): Promise<CommandResult> {
  const [word] = args;
  const level = flags.text("level") ?? "L2";
  if (level !== "L1" && level !== "L2") {
    const message = `${level} compares what a run does again, which is a replay`;
    return {
      kind: "failed",
      failure: failureOf("USAGE", message, `onetape replay ${word ?? "RUN"} --verify --level ${level}`, {
        field: "--level",
        value: level,
        expected: "L1 or L2",
      }),
    };
  }
  if (word !== undefined && flags.on("all")) {
    return {
      kind: "failed",
      failure: failureOf("USAGE", `${word} and --all contradict each other`, "onetape verify --help", { field: "--all" }),
    };
  }
  const progress = io.progress("verify", "events");
  return withBacktestPorts(settings, async (ports) => {
    let runs: readonly StoredRun[];
    if (word === undefined) runs = await ports.runs.list();
    else {
      const found = await findRun(ports.runs, word);
      if (found.kind === "failed") return found;
      runs = [found.run];
    }
    // At L2 a tape is read twice: once to verify it, once to make its tables again.
    const total = runs.reduce((sum, { manifest }) => sum + manifest.tape.head_position, 0) * (level === "L2" ? 2 : 1);
    let before = 0;
    let current = "";
    let seen = 0;
    const onProgress = (name: string, events: number): void => {
      if (name !== current) before += seen;
      current = name;
      seen = events;
      progress.update({ done: before + events, total, at: null });
    };
    const items: LogVerification[] = [...(await verifyRuns(ports, { runs, level, onProgress }))];
    if (word === undefined) {
      items.push(...(await verifyFolders(ports, level)));
      items.push(...(await verifyOwnLogs(settings, level)));
    }
    return toResult(items, level, io);
  }).finally(() => progress.end());
}

function toResult(items: readonly LogVerification[], level: string, io: Invocation["io"]): CommandResult {
  const bad = items.filter(({ verified }) => !verified);
  const columns = [{ title: "log" }, { title: level }, { title: "events", numeric: true }, { title: "" }];
  const rows = items.map(({ name, verified, events, message }) => [
    name,
    verified ? io.out.good("ok") : io.out.bad("FAILED"),
    grouped(events),
    message,
  ]);
  const details = bad.flatMap(({ name, message, files, contradictions, failure: found }) => [
    {
      code: "VERIFICATION_FAILED",
      message: files.length === 0 ? message : `${message}: ${files.map(({ path, problem }) => `${path} (${problem})`).join(", ")}`,
      field: name,
      ...(found === null ? {} : { value: found.actual, expected: found.expected }),
    },
    ...contradictions.map(({ field, actual, expected }) => ({
      code: "VERIFICATION_FAILED",
      message: `the manifest of ${name} says of ${field} what its tape does not`,
      field,
      value: actual,
      expected,
    })),
  ]);
  return {
    kind: "done",
    json: { schema: "onetape.verify/1", verified: bad.length === 0, level, items },
    human: async () => (items.length === 0 ? "nothing to verify: this workspace has no logs yet\n" : renderTable(columns, rows, io.out)),
    ...(bad.length === 0
      ? {}
      : {
          problem: failure(
            "VERIFICATION_FAILED",
            details,
            bad[0]?.run_id == null ? "onetape data validate" : `onetape runs show ${bad[0].name}`,
          ),
        }),
  };
}
