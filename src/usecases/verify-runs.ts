import { TapeUnreadable } from "../core/tape/tape-unreadable.js";
import type { VerifyFailure } from "../ports/event-store.js";
import type { RunStore, StoredRun } from "../ports/run-store.js";
import type { BacktestPorts } from "./backtest-ports.js";
import { type Contradiction, checkManifest } from "./check-manifest.js";
import { openTape } from "./compare-runs.js";

/** Parts of a run that verification can check. */
export type VerifiedPart = "chain" | "payloads" | "head" | "manifest" | "artifacts" | "files" | "inputs";

/** What checking one run came to. */
export interface RunVerification {
  readonly name: string;
  readonly run_id: string;
  readonly verified: boolean;
  readonly level: "L1" | "L2";
  readonly events: number;
  /** The first bad position, or null. */
  readonly failure: VerifyFailure | null;
  /** Files of results and texts of `inputs/` that are missing or no longer match their hash. */
  readonly files: readonly { readonly path: string; readonly problem: "missing" | "changed" }[];
  /** Where the manifest says something else than the tape. */
  readonly contradictions: readonly Contradiction[];
  /** What was looked at, whether it held or not. */
  readonly checked: readonly VerifiedPart[];
  /** What this level would look at and could not, and why. */
  readonly unchecked: readonly { readonly part: VerifiedPart; readonly why: string }[];
  readonly message: string;
}

export interface VerifyRunsRequest {
  readonly runs: readonly StoredRun[];
  readonly level?: "L1" | "L2";
  /** Called with the events verified and, at L2, folded: up to twice the length of the tape. */
  readonly onProgress?: (run: string, events: number) => void;
}

export type VerifyPorts = Pick<BacktestPorts, "tapes" | "runs" | "bars" | "artifacts" | "hash" | "hashBytes" | "engine">;

/**
 * Checks stored runs. L1: chain, head, files and inputs by their hashes. L2 also: payloads, the manifest against the tape, and the
 * artifacts against what tape and bars give again, where the workspace has the bars.
 */
export async function verifyRuns(ports: VerifyPorts, request: VerifyRunsRequest): Promise<readonly RunVerification[]> {
  const results: RunVerification[] = [];
  for (const run of request.runs) results.push(await verifyOne(ports, run, request));
  return results;
}

/** Folders among the runs that hold none: whatever was there, it is not verified. */
export async function verifyFolders(
  { runs }: { readonly runs: Pick<RunStore, "unreadable"> },
  level: "L1" | "L2",
): Promise<readonly (Omit<RunVerification, "run_id"> & { readonly run_id: null })[]> {
  const nothing = {
    run_id: null,
    level,
    verified: false,
    events: 0,
    failure: null,
    files: [],
    contradictions: [],
    checked: [],
    unchecked: [],
  };
  return (await runs.unreadable()).map(({ name, why }) => ({ name, ...nothing, message: `the folder holds no run: ${why}` }));
}

async function verifyOne(ports: VerifyPorts, run: StoredRun, request: VerifyRunsRequest): Promise<RunVerification> {
  const level = request.level ?? "L2";
  const base = { name: run.name, run_id: run.manifest.run_id, level };
  const files = await ports.runs.changedFiles(run);
  const store = ports.tapes(run.dir);
  try {
    const opened = await openTape(store, run.manifest.tape.log);
    if (opened.session === null) {
      const nothing = {
        verified: false,
        events: 0,
        failure: null,
        contradictions: [],
        checked: ["files", "inputs"],
        unchecked: [],
      } as const;
      return { ...base, ...nothing, files, message: `the tape cannot be opened: ${opened.why}` };
    }
    const { session } = opened;
    const report = await session.verify(level, (events) => request.onProgress?.(run.name, events));
    const failure = report.failure ?? headFailure(run, report.head);
    const checked: VerifiedPart[] = level === "L1" ? ["chain", "head"] : ["chain", "payloads", "head"];
    const unchecked: { part: VerifiedPart; why: string }[] = [];
    let unreadable: string | null = null;
    let contradictions: readonly Contradiction[] = [];
    if (level === "L2" && failure === null) {
      try {
        const check = await checkManifest(ports, run, session, (events) => request.onProgress?.(run.name, report.events + events));
        contradictions = check.contradictions;
        checked.push("manifest");
        if (check.artifacts_unchecked === null) checked.push("artifacts");
        else unchecked.push({ part: "artifacts", why: check.artifacts_unchecked });
      } catch (error) {
        if (!(error instanceof TapeUnreadable)) throw error;
        unreadable = error.message;
      }
    }
    const why = failure === null ? unreadable : "the tape does not hold";
    if (level === "L2" && why !== null) for (const part of ["manifest", "artifacts"] as const) unchecked.push({ part, why });
    checked.push("files", "inputs");
    const found = { failure, files, contradictions, checked, unchecked };
    const verified = failure === null && unreadable === null && files.length === 0 && contradictions.length === 0;
    return { ...base, ...found, verified, events: report.events, message: messageOf(found, unreadable) };
  } finally {
    await store.close();
  }
}

function headFailure(run: StoredRun, head: { readonly position: number; readonly hash: string }): VerifyFailure | null {
  const stated = run.manifest.tape;
  if (head.position === stated.head_position && head.hash === stated.head_hash) return null;
  return {
    level: "L1",
    position: Math.min(head.position, stated.head_position) + 1,
    column: null,
    expected: `${stated.head_position} ${stated.head_hash}`,
    actual: `${head.position} ${head.hash}`,
    message: "the manifest names another head: the tape was cut, extended or exchanged",
  };
}

function messageOf(
  {
    failure,
    files,
    contradictions,
    checked,
    unchecked,
  }: Pick<RunVerification, "failure" | "files" | "contradictions" | "checked" | "unchecked">,
  unreadable: string | null,
): string {
  const faults: string[] = [];
  if (unreadable !== null) faults.push(`the tape cannot be read: ${unreadable}`);
  if (failure !== null) {
    const column = failure.column === null ? "" : ` (${failure.column})`;
    faults.push(`first bad position ${failure.position}${column}: ${failure.message}`);
  }
  const [first] = contradictions;
  if (first !== undefined) {
    const more = contradictions.length === 1 ? "" : ` and ${contradictions.length - 1} more`;
    faults.push(`the manifest's ${first.field}${more} contradict${contradictions.length === 1 ? "s" : ""} the tape`);
  }
  if (files.length > 0) faults.push(`${files.length} stored ${files.length === 1 ? "file does" : "files do"} not match the manifest`);
  if (faults.length > 0) return faults.join("; ");
  const reasons = unchecked.map(({ part, why }) => `${part} not compared with the tape: ${why}`);
  return [`checked ${checked.join(", ")}`, ...reasons].join("; ");
}
