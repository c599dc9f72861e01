/**
 * Replays a stored run and says how far it can be trusted, level by level. Strategy, config and bars come by hash from what the run keeps, never from
 * the author's files.
 */
import type { Head } from "../core/tape/event.js";
import type { LogSession } from "../ports/event-store.js";
import type { StoredRun } from "../ports/run-store.js";
import type { BacktestPorts } from "./backtest-ports.js";
import { openTape } from "./compare-runs.js";
import { openTradingState, recordedRun } from "./recorded-run.js";
import {
  type LevelProofs,
  type LevelResult,
  type LevelVerdict,
  type Parted,
  proveChain,
  proveDecisions,
  proveLevels,
  proveStates,
  type ReplayLevel,
} from "./replay-levels.js";

export interface ReplayRequest {
  readonly run: StoredRun;
  /** Highest level to prove. Default L4. */
  readonly level?: ReplayLevel;
  readonly onProgress?: (level: ReplayLevel, done: number, total: number) => void;
  /** Told of each level as soon as it is decided. */
  readonly onVerdict?: (verdict: LevelVerdict) => void;
  readonly signal?: AbortSignal;
}

export interface ReplayReport {
  readonly run_id: string;
  readonly verified: boolean;
  readonly levels: readonly LevelVerdict[];
  /** Present when the first failing level found a first differing event. */
  readonly divergence: Parted | null;
  readonly head: Head;
  /** Builds of the engine that recorded and that replayed the run. */
  readonly engine: {
    readonly recorded: { readonly version: string; readonly build: string };
    readonly replaying: { readonly version: string; readonly build: string };
    readonly same: boolean;
  };
}

export type ReplayOutcome =
  | { readonly kind: "report"; readonly report: ReplayReport }
  | { readonly kind: "unreadable"; readonly message: string }
  | { readonly kind: "aborted" };

export async function replayRun(ports: BacktestPorts, request: ReplayRequest): Promise<ReplayOutcome> {
  const { run } = request;
  const store = ports.tapes(run.dir);
  try {
    const opened = await openTape(store, run.manifest.tape.log);
    if (opened.session === null) return { kind: "unreadable", message: `the tape of ${run.name} cannot be opened: ${opened.why}` };
    const { session } = opened;
    const proved = await proveLevels(proofsOf(ports, request, session), request);
    if (proved === null) return { kind: "aborted" };
    const recorded = run.manifest.engine;
    const same = recorded.build === ports.engine.build;
    return {
      kind: "report",
      report: { run_id: run.manifest.run_id, ...proved, head: session.head(), engine: { recorded, replaying: ports.engine, same } },
    };
  } finally {
    await store.close();
  }
}

function proofsOf(ports: BacktestPorts, request: ReplayRequest, session: LogSession): LevelProofs {
  const { run } = request;
  const total = session.head().position;
  const onProgress =
    (level: ReplayLevel) =>
    (events: number): void =>
      request.onProgress?.(level, events, total);
  const { head_position: position, head_hash: hash } = run.manifest.tape;
  return {
    L1: () => proveChain(session, "L1", { position, hash }, onProgress("L1")),
    L2: () => proveChain(session, "L2", { position, hash }, onProgress("L2")),
    L3: () =>
      proveStates(session, {
        open: async (event) =>
          event.type === "run.started"
            ? ((await openTradingState(ports, event.payload)) ?? "the bars of the run are missing from the workspace")
            : null,
        hash: ports.hash,
        onProgress: onProgress("L3"),
      }),
    L4: () => decideAgain(ports, request, session, onProgress("L4")),
  };
}

async function decideAgain(
  ports: BacktestPorts,
  { run, signal }: ReplayRequest,
  session: LogSession,
  onProgress: (events: number) => void,
): Promise<LevelResult | null> {
  const recorded = await recordedRun(ports, run, session);
  if (recorded.kind === "unusable") {
    const { message, position } = recorded;
    return { verdict: { level: "L4", passed: false, checked: 0, message, ...(position === undefined ? {} : { position }) } };
  }
  const { started, config, bundle, instruments, inputs } = recorded;
  return proveDecisions(ports.host, session, {
    task: { started, config, bundle, instruments, inputs, append: "block", tape: true },
    hash: ports.hash,
    onProgress,
    ...(signal === undefined ? {} : { signal }),
  });
}
