/**
 * Replays a stored run and says how far it can be trusted.
 *
 * L1 the chain links; L2 payloads match their hashes; L3 folding the events gives the state hashes that the tape carries;
 * L4 feeding only the inputs to the engine gives every event again, byte for byte. Strategy, config and bars come by hash from
 * what the run keeps, never from the author's files.
 */
import { runCatalogue } from "../core/engine/run-event-schemas.js";
import type { TradingState } from "../core/engine/trading-state.js";
import { CLEAR, evolveDailyFreeze } from "../core/gate/daily-freeze.js";
import { ARMED, evolveKillSwitch } from "../core/gate/kill-switch.js";
import { isRiskEvent } from "../core/gate/risk-events.js";
import { positionedEvent } from "../core/projections/positioned-event.js";
import { BlockSealer } from "../core/tape/block-sealer.js";
import { compareAt, type Divergence } from "../core/tape/divergence.js";
import type { Head, TapeEvent } from "../core/tape/event.js";
import { GENESIS_HASH } from "../core/tape/hash.js";
import { eventAt } from "../core/tape/sealed-block.js";
import { TapeUnreadable } from "../core/tape/tape-unreadable.js";
import type { LogSession, VerifyReport } from "../ports/event-store.js";
import type { StoredRun } from "../ports/run-store.js";
import type { BacktestPorts } from "./backtest-ports.js";
import { openTape } from "./compare-runs.js";
import { openTradingState, recordedRun } from "./recorded-run.js";

export type ReplayLevel = "L1" | "L2" | "L3" | "L4";

export interface ReplayRequest {
  readonly run: StoredRun;
  /** Highest level to prove. Default L4. */
  readonly level?: ReplayLevel;
  readonly onProgress?: (level: ReplayLevel, done: number, total: number) => void;
  /** Told of each level as soon as it is decided. */
  readonly onVerdict?: (verdict: LevelVerdict) => void;
  readonly signal?: AbortSignal;
}

/** The verdict on one level. */
export interface LevelVerdict {
  readonly level: ReplayLevel;
  readonly passed: boolean;
  /** What was compared: events, state hashes. */
  readonly checked: number;
  readonly message: string;
  /** First position at which it failed. */
  readonly position?: number;
}

export interface ReplayReport {
  readonly run_id: string;
  readonly verified: boolean;
  readonly levels: readonly LevelVerdict[];
  /** Present when the first failing level found a first differing event. */
  readonly divergence: Extract<Divergence, { kind: "parted" }> | null;
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

const LEVELS: readonly ReplayLevel[] = ["L1", "L2", "L3", "L4"];

export async function replayRun(ports: BacktestPorts, request: ReplayRequest): Promise<ReplayOutcome> {
  const { run } = request;
  const store = ports.tapes(run.dir);
  try {
    const opened = await openTape(store, run.manifest.tape.log);
    if (opened.session === null) return { kind: "unreadable", message: `the tape of ${run.name} cannot be opened: ${opened.why}` };
    const { session } = opened;
    const wanted = LEVELS.slice(0, LEVELS.indexOf(request.level ?? "L4") + 1);
    const levels: LevelVerdict[] = [];
    let divergence: ReplayReport["divergence"] = null;
    for (const level of wanted) {
      if (request.signal?.aborted === true) return { kind: "aborted" };
      const result = await proveLevel(ports, request, session, level).catch(tooNew(level));
      if (result === null) return { kind: "aborted" };
      levels.push(result.verdict);
      request.onVerdict?.(result.verdict);
      divergence = result.divergence ?? null;
      if (!result.verdict.passed) break;
    }
    const recorded = run.manifest.engine;
    const same = recorded.build === ports.engine.build;
    const verified = levels.length === wanted.length && levels.every((l) => l.passed);
    return {
      kind: "report",
      report: {
        run_id: run.manifest.run_id,
        verified,
        levels,
        divergence,
        head: session.head(),
        engine: { recorded, replaying: ports.engine, same },
      },
    };
  } finally {
    await store.close();
  }
}

/** A tape that only a newer version can read is no bug of this one. */
function tooNew(level: ReplayLevel): (error: unknown) => LevelResult {
  return (error) => {
    if (!(error instanceof TapeUnreadable)) throw error;
    const { message, position } = error;
    return { verdict: { level, passed: false, checked: 0, message, ...(position === null ? {} : { position }) } };
  };
}

interface LevelResult {
  readonly verdict: LevelVerdict;
  readonly divergence?: Extract<Divergence, { kind: "parted" }>;
}

async function proveLevel(
  ports: BacktestPorts,
  request: ReplayRequest,
  session: LogSession,
  level: ReplayLevel,
): Promise<LevelResult | null> {
  switch (level) {
    case "L1":
    case "L2": {
      const total = session.head().position;
      const report = await session.verify(level, (events) => request.onProgress?.(level, events, total));
      return { verdict: chainVerdict(report, request.run) };
    }
    case "L3":
      return { verdict: await foldStates(ports, request, session) };
    case "L4":
      return decideAgain(ports, request, session);
  }
}

function chainVerdict(report: VerifyReport, run: StoredRun): LevelVerdict {
  const { level, events, failure, head } = report;
  if (failure !== null) {
    const column = failure.column === null ? "" : ` (${failure.column})`;
    return {
      level,
      passed: false,
      checked: events,
      position: failure.position,
      message: `position ${failure.position}${column}: ${failure.message}`,
    };
  }
  const stated = run.manifest.tape;
  if (head.position !== stated.head_position || head.hash !== stated.head_hash) {
    const message = `the tape ends at position ${head.position}, the manifest says ${stated.head_position}: it was cut, extended or exchanged`;
    return { level, passed: false, checked: events, position: Math.min(head.position, stated.head_position) + 1, message };
  }
  return {
    level,
    passed: true,
    checked: events,
    message: level === "L1" ? "every link of the chain holds" : "every payload matches its hash",
  };
}

/** L3: folds the events and compares the state at every session close and at the end. */
async function foldStates(ports: BacktestPorts, request: ReplayRequest, session: LogSession): Promise<LevelVerdict> {
  let state: TradingState | null = null;
  let killSwitch = ARMED;
  let freeze = CLEAR;
  let checked = 0;
  let done = 0;
  const total = session.head().position;
  for await (const stored of session.readLog()) {
    const event = positionedEvent(stored);
    if (event.type === "run.started") {
      const opened = await openTradingState(ports, event.payload);
      if (opened === null)
        return {
          level: "L3",
          passed: false,
          checked,
          position: stored.position,
          message: "the bars of the run are missing from the workspace",
        };
      state = opened;
    }
    if (state === null)
      return { level: "L3", passed: false, checked, position: stored.position, message: "the tape does not begin with run.started" };
    try {
      state.apply(event);
      if (isRiskEvent(event)) [killSwitch, freeze] = [evolveKillSwitch(killSwitch, event), evolveDailyFreeze(freeze, event)];
    } catch (error) {
      return {
        level: "L3",
        passed: false,
        checked,
        position: stored.position,
        message: `${stored.type} cannot be folded: ${error instanceof Error ? error.message : String(error)}`,
      };
    }
    if (event.type === "session.closed" || event.type === "run.completed") {
      checked += 1;
      const actual = ports.hash(state.text());
      if (actual !== event.payload.state_sha256) {
        return {
          level: "L3",
          passed: false,
          checked,
          position: stored.position,
          message: `the folded state hashes to ${actual}, the tape says ${event.payload.state_sha256}`,
        };
      }
    }
    done += 1;
    if (done % 20_000 === 0) request.onProgress?.("L3", done, total);
  }
  return { level: "L3", passed: true, checked, message: `the folded state is the recorded one at ${checked} points` };
}

/** L4: runs the engine on the recorded inputs and compares every event it makes with the stored one. */
async function decideAgain(ports: BacktestPorts, request: ReplayRequest, session: LogSession): Promise<LevelResult | null> {
  const { run } = request;
  const fail = (message: string, position?: number): LevelResult => ({
    verdict: { level: "L4", passed: false, checked: 0, message, ...(position === undefined ? {} : { position }) },
  });
  const recorded = await recordedRun(ports, run, session);
  if (recorded.kind === "unusable") return fail(recorded.message, recorded.position);
  const { started, config, bundle, instruments, inputs } = recorded;

  const total = session.head().position;
  const log = run.manifest.tape.log;
  const sealer = new BlockSealer(log, runCatalogue, ports.hash, {
    head: { position: 0, hash: GENESIS_HASH, content_hash: GENESIS_HASH },
    pins: [],
    recent: [],
  });
  const stored = session.readLog()[Symbol.asyncIterator]();
  let checked = 0;
  let parted: Extract<Divergence, { kind: "parted" }> | null = null;
  const compare = async (replayed: TapeEvent | null, position: number): Promise<boolean> => {
    const next = await stored.next();
    const original = next.done === true ? null : next.value;
    const verdict = compareAt(position, original, replayed);
    if (verdict === null) {
      checked += 1;
      // Equal content with another id, cause or stream is a difference too.
      if (original !== null && replayed !== null && original.event_hash !== replayed.event_hash)
        parted = { kind: "parted", position, left: original, right: replayed, fields: [] };
      return parted === null;
    }
    if (verdict.kind === "parted") parted = verdict;
    return false;
  };
  const outcome = await ports.host.run(
    { started, config, bundle, instruments, inputs, append: "block", tape: true },
    {
      time_budget_ms: REPLAY_BUDGET_MS,
      ...(request.signal === undefined ? {} : { signal: request.signal }),
      onBlock: async (block) => {
        const sealed = sealer.seal(block);
        for (let i = 0; i < sealed.count; i++) {
          if (!(await compare(eventAt(sealed, i, { recorded_at: 0, epoch: 0 }), sealed.first_position + i)))
            return { kind: "stopped", cause: "the replay parted from the tape" };
        }
        request.onProgress?.("L4", checked, total);
        return { kind: "committed" };
      },
    },
  );
  if (outcome.kind === "aborted") return null;
  if (outcome.kind === "completed" && parted === null) await compare(null, checked + 1);
  await stored.return?.();
  const found = parted as Extract<Divergence, { kind: "parted" }> | null;
  if (found !== null) {
    const message = `position ${found.position}: recorded ${found.left?.type ?? "nothing"}, replayed ${found.right?.type ?? "nothing"}${found.fields.length > 0 ? `, differing in ${found.fields.join(", ")}` : ""}`;
    return { verdict: { level: "L4", passed: false, checked, position: found.position, message }, divergence: found };
  }
  if (outcome.kind !== "completed") return fail(`the replay did not end: ${outcome.kind}`);
  return { verdict: { level: "L4", passed: true, checked, message: "the same inputs gave the same events, byte for byte" } };
}

/** A replay proves content, not speed: handlers get a minute. */
const REPLAY_BUDGET_MS = 60_000;
