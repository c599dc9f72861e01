import { ed25519Verifier } from "../../../adapters/anchors/ed25519.js";
import { sha256 } from "../../../adapters/node-hash/sha256.js";
import { renderTable } from "../../../adapters/terminal/table.js";
import { counted, grouped } from "../../../core/numeric/grouped.js";
import type { Violation } from "../../../core/quality/violation.js";
import type { AnchorVerifier } from "../../../ports/anchor-book.js";
import type { DecisionProver } from "../../../usecases/decision-provers.js";
import { type AnchorFault, checkAnchors, checkBook } from "../../../usecases/published-anchors.js";
import { paperSessionProver } from "../../../usecases/replay-paper-session.js";
import { replayRun } from "../../../usecases/replay-run.js";
import { type LogVerdict, type VerifyLevel, type VerifyLogRequest, verifyLog } from "../../../usecases/verify-log.js";
import { listLogs, openToRead, type PlacedLog } from "../../../usecases/workspace-logs.js";
import { toldOf } from "../../library/telemetry.js";
import { anchorOptions, keyRefused } from "../anchor-options.js";
import type { CommandResult, Invocation } from "../command.js";
import { withBacktestPorts } from "../compose-backtest.js";
import { runPorts } from "../compose-runs.js";
import { type Failure, failure, failureOf } from "../failure.js";
import { findRun } from "../find-run.js";
import { findLog, withLogStores } from "../with-logs.js";
import { withSessions } from "../with-sessions.js";

/** A log, and what verifying it came to; `unreadable` says why it could not be looked at. */
type Item = Omit<LogVerdict, "head"> & { readonly head: LogVerdict["head"] | null; readonly unreadable: string | null };

export function run(invocation: Invocation): Promise<CommandResult> {
  const { args, flags, io, settings } = invocation;
  const level = levelOf(flags.text("level"));
  return withLogStores(invocation, async (stores) => {
    const [word] = args;
    let logs = await listLogs(stores);
    if (word !== undefined) {
      const found = await findLog(stores, settings.home, word);
      if (found.kind === "failed") return found;
      logs = [found.placed];
    }
    const items: Item[] = [];
    const verifyAll = async (provers: readonly DecisionProver[]): Promise<void> => {
      for (const placed of logs) items.push(await verifyOne(invocation, placed, { level, provers }, word ?? ""));
    };
    // Deciding again takes an engine.
    const deep = level === "L3" || level === "L4";
    if (deep) await withSessions(settings, (ports) => verifyAll([paperSessionProver(ports, invocation.signal)]));
    else await verifyAll([]);
    const anchored = await againstAnchors(invocation, logs, word === undefined);
    if ("failure" in anchored) return { kind: "failed", failure: anchored.failure };
    const problem = problemOf(items, level) ?? anchorProblem(anchored.faults);
    return {
      kind: "done",
      json: { schema: "onetape.store-verify/1", verified: problem === null, level, items, anchors: anchored },
      human: async () =>
        `${items.length === 0 ? "nothing to verify: this workspace has no logs yet\n" : await inTable(items, io)}${anchorsInWords(anchored, io)}`,
      ...(problem === null ? {} : { problem }),
    };
  });
}

interface Anchored {
  /** The file that they were published in; null where none was named. */
  readonly file: string | null;
  /** Whether each of them had to be signed with a key that was named. */
  readonly signed: boolean;
  readonly checked: number;
  readonly faults: readonly AnchorFault[];
}

/** What was published of the logs against what they are; nothing where no anchors were named. */
async function againstAnchors(
  invocation: Invocation,
  logs: readonly PlacedLog[],
  all: boolean,
): Promise<Anchored | { readonly failure: Failure }> {
  const options = anchorOptions(invocation);
  if (options === null) return { file: null, signed: false, checked: 0, faults: [] };
  const read = await options.book.read();
  const { path } = options;
  if (read === null)
    return {
      failure: failureOf("NOT_FOUND", `there is no file of anchors ${path}`, "onetape store anchor", { field: "--anchors", value: path }),
    };
  let verifier: AnchorVerifier | null = null;
  if (options.key !== null) {
    const { path: keyPath, pem } = options.key;
    try {
      verifier = ed25519Verifier(pem ?? "");
    } catch (error) {
      return { failure: keyRefused(keyPath, error instanceof Error ? error.message : String(error)) };
    }
  }
  let checked = 0;
  const names = all ? logs.map(({ log }) => log) : read.anchors.map(({ log }) => log);
  const faults: AnchorFault[] = [...checkBook(read, names)];
  for (const { log, store, kind } of logs) {
    const opened = await openToRead(store, log);
    if (opened.session === null) continue;
    const found = await checkAnchors(opened.session, read.anchors, verifier);
    checked += found.checked;
    faults.push(...found.faults);
    await opened.session.close();
    if (kind === "run") await store.close();
  }
  return { file: path, signed: verifier !== null, checked, faults };
}

/** What comparing with anchors came to, in a line. */
function anchorsInWords({ file, signed, checked, faults }: Anchored, { out }: Invocation["io"]): string {
  if (file === null) return "";
  if (faults.length > 0) return `\n${out.bad(counted(faults.length, "fault"))} among ${counted(checked, "anchor")} of ${file}\n`;
  if (checked === 0) return `\n${out.notice(`no anchor of ${file} is of what was verified: nothing shows whether a tail was cut off`)}\n`;
  return `\n${counted(checked, "anchor")} of ${file} ${checked === 1 ? "fits" : "fit"}${signed ? ", signed" : "; signatures were not looked at: --key FILE does"}\n`;
}

function anchorProblem(faults: readonly AnchorFault[]): Failure | null {
  if (faults.length === 0) return null;
  const details = faults.map(({ code, log, message }) => ({ code, message, ...(log === null ? {} : { field: log }) }));
  return failure("VERIFICATION_FAILED", details, "stop writing; find the copy that the anchors fit: onetape store restore --help");
}

function levelOf(text: string | undefined): VerifyLevel {
  return text === "L1" || text === "L3" || text === "L4" ? text : "L2";
}

async function verifyOne(
  invocation: Invocation,
  placed: PlacedLog,
  { level, provers }: Required<Pick<VerifyLogRequest, "level" | "provers">>,
  word: string,
): Promise<Item> {
  const { io } = invocation;
  const { log, kind, store } = placed;
  const deep = level === "L3" || level === "L4";
  if (kind === "run" && deep && (await findRun(runPorts(invocation.settings.home).runs, word)).kind === "found")
    return replayed(invocation, log, word, level);
  const opened = await openToRead(store, log);
  if (opened.session === null) return { log, head: null, levels: [], verdict: "failed", unreadable: opened.why };
  const { session } = opened;
  const progress = io.progress(`verify ${log}`, "events");
  const total = session.head().position;
  try {
    const onProgress = (done: number): void => progress.update({ done, total, at: null });
    return { ...(await verifyLog(session, { level, provers, hash: sha256, projections: store, onProgress })), unreadable: null };
  } finally {
    progress.end();
    await session.close();
    if (kind === "run") await store.close();
  }
}

/** A run keeps its inputs beside its tape, so that everything can be decided again. */
function replayed({ settings, io, signal }: Invocation, log: string, word: string, level: VerifyLevel): Promise<Item> {
  const progress = io.progress(`replay ${log}`, "events");
  return withBacktestPorts<Item>(settings, async (ports) => {
    const none = { log, head: null, levels: [], verdict: "failed" } as const;
    const found = await findRun(ports.runs, word);
    if (found.kind === "failed") return { ...none, unreadable: found.failure.details[0]?.message ?? "" };
    const onProgress = (_: string, done: number, total: number): void => progress.update({ done, total, at: null });
    const outcome = await toldOf((request) => replayRun(ports, request))({ run: found.run, level, signal, onProgress });
    if (outcome.kind !== "report") return { ...none, unreadable: outcome.kind === "aborted" ? "stopped" : outcome.message };
    const { head, levels, verified } = outcome.report;
    const told = levels.map(({ level: name, passed, checked, message }) => ({
      level: name,
      verdict: passed ? ("passed" as const) : ("failed" as const),
      checked,
      message,
      failure: null,
    }));
    return { log, head, levels: told, verdict: verified ? "passed" : "failed", unreadable: null };
  }).finally(() => progress.end());
}

function problemOf(items: readonly Item[], level: VerifyLevel): Failure | null {
  const failed = items.filter(({ verdict }) => verdict === "failed");
  const [first] = failed;
  if (first !== undefined) {
    const next = first.unreadable === null ? "onetape store doctor" : "onetape store migrate plan";
    return failure("VERIFICATION_FAILED", failed.map(detailOf), next);
  }
  const open = items.filter(({ verdict }) => verdict === "not_shown");
  if (open.length === 0) return null;
  const details = open.map(({ log, levels }) => ({
    code: "NOT_SHOWN",
    message: `${log}: ${levels.find(({ verdict }) => verdict === "not_shown")?.message ?? ""}`,
    field: log,
    value: level,
  }));
  return failure("PARTIAL", details, "onetape store verify --level L3");
}

function detailOf({ log, levels, unreadable }: Item): Violation {
  const last = levels.at(-1);
  const fault = last?.failure ?? null;
  return {
    code: "VERIFICATION_FAILED",
    message: unreadable === null ? `${log}: ${last?.message ?? ""}` : `${log} cannot be opened: ${unreadable}`,
    field: log,
    ...(fault === null || fault.actual === "" ? {} : { value: fault.actual }),
    ...(fault === null || fault.expected === "" ? {} : { expected: fault.expected }),
  };
}

function inTable(items: readonly Item[], { out }: Invocation["io"]): Promise<string> {
  const words = { passed: out.good("ok"), failed: out.bad("FAILED"), not_shown: out.notice("not shown") } as const;
  const rows = items.map(({ log, head, levels, verdict, unreadable }) => {
    const last = levels.at(-1);
    return [log, last?.level ?? "-", words[verdict], head === null ? "-" : grouped(head.position), unreadable ?? last?.message ?? ""];
  });
  return renderTable([{ title: "log" }, { title: "level" }, { title: "" }, { title: "events", numeric: true }, { title: "" }], rows, out);
}
