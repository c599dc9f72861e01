import { nearestName } from "../../core/quality/nearest-name.js";
import { RISK_SESSION_LOGS } from "../../core/session/risk-session-events.js";
import type { LogSession } from "../../ports/event-store.js";
import { type LogStores, listLogs, openToRead, type PlacedLog } from "../../usecases/workspace-logs.js";
import { openLogStores } from "../library/log-stores.js";
import { runTapes } from "../library/run-tapes.js";
import type { CommandResult, Invocation } from "./command.js";
import { runPorts } from "./compose-runs.js";
import { type Failure, failureOf } from "./failure.js";
import { findRun } from "./find-run.js";

/** Gives work the stores of the workspace's logs, and releases them afterwards. */
export async function withLogStores<T>({ settings }: Pick<Invocation, "settings">, work: (stores: LogStores) => Promise<T>): Promise<T> {
  const { close, ...stores } = openLogStores(settings);
  try {
    return await work(stores);
  } finally {
    await close();
  }
}

export type FoundLog = { readonly kind: "found"; readonly placed: PlacedLog } | { readonly kind: "failed"; readonly failure: Failure };

/** The log that a word means: its name, the name of a session, or a run of the workspace. */
export async function findLog(stores: LogStores, home: string, word: string): Promise<FoundLog> {
  const logs = await listLogs(stores);
  const placed =
    logs.find(({ log }) => log === word) ?? logs.find(({ log }) => log === `session/${word}` || log === `${RISK_SESSION_LOGS}/${word}`);
  if (placed !== undefined) return { kind: "found", placed };
  const run = await findRun(runPorts(home).runs, word);
  if (run.kind === "found") {
    const { log } = run.run.manifest.tape;
    return { kind: "found", placed: { log, kind: "run", store: runTapes(run.run.dir) } };
  }
  const known = logs.map(({ log }) => log);
  const near = nearestName(word, known);
  const there = known.length === 0 ? "this workspace has no logs yet" : `there is ${known.join(", ")}`;
  const message = `there is no log ${word}${near === null ? `: ${there}` : `; did you mean ${near}?`}`;
  const expected = "a log of onetape store head, the name of a session, or a run";
  return { kind: "failed", failure: failureOf("NOT_FOUND", message, "onetape store head", { field: "LOG", value: word, expected }) };
}

/** The log that the command line names, opened to be read. */
export function withLog(
  invocation: Invocation,
  work: (session: LogSession, placed: PlacedLog, stores: LogStores) => Promise<CommandResult>,
): Promise<CommandResult> {
  return withLogStores(invocation, async (stores) => {
    const found = await findLog(stores, invocation.settings.home, invocation.args[0] ?? "");
    if (found.kind === "failed") return found;
    const { placed } = found;
    const opened = await openToRead(placed.store, placed.log);
    if (opened.session === null) return { kind: "failed", failure: unreadable(placed.log, opened.why) };
    try {
      return await work(opened.session, placed, stores);
    } finally {
      await opened.session.close();
      if (placed.kind === "run" && placed.store !== stores.store) await placed.store.close();
    }
  });
}

/** A log that cannot be looked at. */
export function unreadable(log: string, why: string): Failure {
  return failureOf("STORE_UNAVAILABLE", `the log ${log} cannot be opened: ${why}`, "onetape store doctor", { field: log });
}
