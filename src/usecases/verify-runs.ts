import type { VerifyFailure } from "../ports/event-store.js";
import type { StoredRun } from "../ports/run-store.js";
import type { BacktestPorts } from "./backtest-ports.js";
import { openTape } from "./compare-runs.js";

/** What checking one run's store came to. */
export interface RunVerification {
  readonly name: string;
  readonly run_id: string;
  readonly verified: boolean;
  readonly level: "L1" | "L2";
  readonly events: number;
  /** The first bad position, or null. */
  readonly failure: VerifyFailure | null;
  /** Artifact files that are missing or no longer match the manifest. */
  readonly files: readonly { readonly path: string; readonly problem: "missing" | "changed" }[];
  readonly message: string;
}

export interface VerifyRunsRequest {
  readonly runs: readonly StoredRun[];
  readonly level?: "L1" | "L2";
  readonly onProgress?: (run: string, events: number) => void;
}

/** Checks the stores of runs: chain, payloads, the head against the manifest, and the artifact files against their hashes. */
export async function verifyRuns(
  ports: Pick<BacktestPorts, "tapes" | "runs">,
  request: VerifyRunsRequest,
): Promise<readonly RunVerification[]> {
  const results: RunVerification[] = [];
  for (const run of request.runs) results.push(await verifyOne(ports, run, request));
  return results;
}

async function verifyOne(
  ports: Pick<BacktestPorts, "tapes" | "runs">,
  run: StoredRun,
  request: VerifyRunsRequest,
): Promise<RunVerification> {
  const level = request.level ?? "L2";
  const base = { name: run.name, run_id: run.manifest.run_id, level };
  const files = await ports.runs.changedFiles(run);
  const store = ports.tapes(run.dir);
  try {
    const opened = await openTape(store, run.manifest.tape.log);
    if (opened.session === null)
      return { ...base, verified: false, events: 0, failure: null, files, message: `the tape cannot be opened: ${opened.why}` };
    const { session } = opened;
    const report = await session.verify(level, (events) => request.onProgress?.(run.name, events));
    const { head_position, head_hash } = run.manifest.tape;
    const failure =
      report.failure ?? (report.head.position === head_position && report.head.hash === head_hash ? null : headFailure(run, report.head));
    const verified = failure === null && files.length === 0;
    return { ...base, verified, events: report.events, failure, files, message: messageOf(failure, files.length) };
  } finally {
    await store.close();
  }
}

function headFailure(run: StoredRun, head: { readonly position: number; readonly hash: string }): VerifyFailure {
  const stated = run.manifest.tape;
  return {
    level: "L1",
    position: Math.min(head.position, stated.head_position) + 1,
    column: null,
    expected: `${stated.head_position} ${stated.head_hash}`,
    actual: `${head.position} ${head.hash}`,
    message: "the manifest names another head: the tape was cut, extended or exchanged",
  };
}

function messageOf(failure: VerifyFailure | null, files: number): string {
  if (failure !== null)
    return `first bad position ${failure.position}${failure.column === null ? "" : ` (${failure.column})`}: ${failure.message}`;
  return files > 0
    ? `${files} artifact ${files === 1 ? "file does" : "files do"} not match the manifest`
    : "chain, payloads and artifacts are whole";
}
