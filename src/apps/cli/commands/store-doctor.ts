import { statfs } from "node:fs/promises";
import { examineLogFile } from "../../../adapters/sqlite/examine-log.js";
import { logFilesIn } from "../../../adapters/sqlite/log-files.js";
import { durationText } from "../../../adapters/terminal/duration.js";
import { renderTable } from "../../../adapters/terminal/table.js";
import { grouped } from "../../../core/numeric/grouped.js";
import type { Finding } from "../../../ports/finding.js";
import { workspacePaths } from "../../../usecases/workspace.js";
import { type LogStores, listLogs, openToRead, placeOf } from "../../../usecases/workspace-logs.js";
import { listProjections } from "../../../usecases/workspace-projections.js";
import { postgresStore } from "../../library/event-stores.js";
import type { CommandResult, Invocation } from "../command.js";
import { failure } from "../failure.js";
import { withLogStores } from "../with-logs.js";
import { withProjections } from "../with-projections.js";

/** Least free space that is called enough. */
const ENOUGH_BYTES = 1_073_741_824;
/** How far a clock reading may lie ahead of this machine's. */
const SKEW_MS = 2_000;

export async function run(invocation: Invocation): Promise<CommandResult> {
  const { io, settings } = invocation;
  const findings: Finding[] = [...(settings.store === "postgres" ? await database() : []), await disk(settings.home)];
  await withLogStores(invocation, async (stores) => {
    for (const { log, store } of await listLogs(stores)) {
      if (settings.store === "sqlite") findings.push(...(await examineLogFile(log, logPath(settings.home, log))));
      findings.push(...(await look(store, log)));
    }
  });
  if (findings.every(({ status }) => status !== "failed")) findings.push(...(await lag(invocation)));
  const bad = findings.filter(({ status }) => status !== "ok");
  const failed = bad.filter(({ status }) => status === "failed");
  const marks = { ok: io.out.good("ok"), warning: io.out.notice("warning"), failed: io.out.bad("FAILED") } as const;
  return {
    kind: "done",
    json: { schema: "onetape.store-doctor/1", ok: failed.length === 0, store: settings.store, findings },
    human: async () => {
      const rows = findings.map(({ check, status, found }) => [check, marks[status], found]);
      const table = await renderTable([{ title: "check" }, { title: "" }, { title: "found" }], rows, io.out);
      return `${table}${bad.map(({ check, next }) => `${check}: ${next}\n`).join("")}`;
    },
    ...(failed.length === 0
      ? {}
      : {
          problem: failure(
            "CHECKS_FAILED",
            failed.map(({ check, found, next }) => ({ code: "CHECK_FAILED", message: `${check}: ${found}`, field: check, expected: next })),
          ),
        }),
  };
}

function logPath(home: string, log: string): string {
  const paths = workspacePaths(home);
  return logFilesIn(placeOf(log) === "sessions" ? paths.sessions : paths.store).pathOf(log);
}

async function database(): Promise<readonly Finding[]> {
  const store = postgresStore(process.env);
  try {
    return await store.findings();
  } finally {
    await store.close();
  }
}

async function disk(home: string): Promise<Finding> {
  try {
    const { bavail, bsize } = await statfs(home);
    const free = bavail * bsize;
    const found = `${(free / ENOUGH_BYTES).toFixed(1)} GiB free`;
    if (free >= ENOUGH_BYTES) return { check: "disk", status: "ok", found, next: "" };
    return { check: "disk", status: "failed", found, next: "free some space: at least 1 GiB is advised" };
  } catch {
    return { check: "disk", status: "ok", found: "no workspace here yet", next: "" };
  }
}

/** Whether a log opens, and whether its last clock reading lies in the future. */
async function look(store: LogStores["store"], log: string): Promise<readonly Finding[]> {
  const opened = await openToRead(store, log);
  if (opened.session === null)
    return [{ check: log, status: "failed", found: opened.why, next: "onetape store verify, then onetape store restore --help" }];
  const { session } = opened;
  try {
    const { position } = await session.refresh();
    let ahead = 0;
    for await (const event of session.readLog({ direction: "backwards", limit: 1 })) ahead = event.recorded_at - Date.now();
    const found = `${grouped(position)} events in ${session.layout}, epoch ${session.epoch}`;
    if (ahead <= SKEW_MS) return [{ check: log, status: "ok", found, next: "" }];
    const skew = `${found}; its last block was written ${durationText(ahead)} in the future of this clock`;
    return [{ check: log, status: "failed", found: skew, next: "set the clocks of this machine and of its writers by NTP" }];
  } finally {
    await session.close();
  }
}

async function lag(invocation: Invocation): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  await withProjections(invocation, async (ports) => {
    for (const { log, name, condition, why, lag_events, lag_ms } of (await listProjections(ports, null)).items) {
      if (condition === "current" || condition === "not_built") continue;
      const broken = condition === "halted" || condition === "altered" || condition === "other_log";
      const found = `${why} (${grouped(lag_events)} events, ${durationText(lag_ms)} behind)`;
      const next = `onetape projections rebuild ${name} --log ${log}`;
      findings.push({ check: `${name} of ${log}`, status: broken ? "failed" : "warning", found, next });
    }
    return { kind: "streamed" };
  });
  return findings.length > 0 ? findings : [{ check: "projections", status: "ok", found: "those that are built are current", next: "" }];
}
