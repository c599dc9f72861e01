/** Replays a stored session, level by level, from its tape and what the workspace keeps of it. One that has no end yet is replayed up to where it stands. */
import { openSessionState } from "../core/projections/session-fold.js";
import type { Head } from "../core/tape/event.js";
import type { Sha256Fn } from "../core/tape/hash.js";
import type { EventStore, LogSession } from "../ports/event-store.js";
import type { SessionInputs } from "../ports/session-inputs.js";
import type { BacktestPorts } from "./backtest-ports.js";
import type { DecisionProof, DecisionProver } from "./decision-provers.js";
import { arrivalsAgain, openSession, recordedSession, sessionLog, sessionName } from "./recorded-session.js";
import {
  type LevelProofs,
  type LevelResult,
  type ProvedLevels,
  type ProvingOptions,
  proveChain,
  proveDecisions,
  proveLevels,
  proveStates,
  type ReplayLevel,
} from "./replay-levels.js";

export interface SessionReplayPorts extends Pick<BacktestPorts, "host" | "hash"> {
  readonly sessions: EventStore;
  readonly inputs: SessionInputs;
}

export interface SessionReplayRequest extends ProvingOptions {
  /** With or without `session/` before it. */
  readonly session: string;
  readonly onProgress?: (level: ReplayLevel, done: number, total: number) => void;
}

export interface SessionReplayReport extends ProvedLevels {
  readonly session: string;
  readonly log: string;
  readonly head: Head;
}

export type SessionReplayOutcome =
  | { readonly kind: "report"; readonly report: SessionReplayReport }
  /** The workspace has no session of this name. */
  | { readonly kind: "none" }
  | { readonly kind: "unreadable"; readonly message: string }
  | { readonly kind: "aborted" };

export async function replayPaperSession(ports: SessionReplayPorts, request: SessionReplayRequest): Promise<SessionReplayOutcome> {
  const opened = await openSession(ports.sessions, request.session);
  if (opened.kind === "none") return opened;
  if (opened.kind === "unusable") return { kind: "unreadable", message: `the tape of ${opened.name} cannot be opened: ${opened.why}` };
  const { name, tape } = opened;
  try {
    const proved = await proveLevels(proofsOf(ports, request, tape), request);
    if (proved === null) return { kind: "aborted" };
    return { kind: "report", report: { session: name, log: sessionLog(name), ...proved, head: tape.head() } };
  } finally {
    await tape.close();
  }
}

function proofsOf(ports: SessionReplayPorts, request: SessionReplayRequest, tape: LogSession): LevelProofs {
  const total = tape.head().position;
  const onProgress =
    (level: ReplayLevel) =>
    (events: number): void =>
      request.onProgress?.(level, events, total);
  return {
    L1: () => proveChain(tape, "L1", null, onProgress("L1")),
    L2: () => proveChain(tape, "L2", null, onProgress("L2")),
    L3: () => provenStates(tape, ports.hash, onProgress("L3")),
    L4: () => decideAgain(ports, request, tape, onProgress("L4")),
  };
}

/** How `onetape store verify` has paper sessions decided again. */
export function paperSessionProver(ports: Pick<SessionReplayPorts, "host" | "inputs">, signal: AbortSignal): DecisionProver {
  return {
    owns: (log) => log === sessionLog(sessionName(log)),
    async prove(tape, { hash, onProgress = () => {} }) {
      const recorded = await recordedSession(ports.inputs, tape);
      if (recorded.kind === "unusable" && recorded.position === undefined)
        return { checked: 0, message: recorded.message, not_shown: true, failure: null };
      const result = await decideAgain({ ...ports, hash }, { signal }, tape, onProgress);
      return result === null ? { checked: 0, message: "it was stopped", not_shown: true, failure: null } : proofOf(result);
    },
    async proveStates(tape, { hash, onProgress = () => {} }) {
      return proofOf(await provenStates(tape, hash, onProgress));
    },
  };
}

function proofOf({ verdict, divergence }: LevelResult): DecisionProof {
  const { passed, checked, message, position = 0 } = verdict;
  if (passed) return { checked, message, failure: null };
  const expected = divergence?.left?.payload ?? "";
  return { checked, message, failure: { position, expected, actual: divergence?.right?.payload ?? "" } };
}

function provenStates(tape: LogSession, hash: Sha256Fn, onProgress: (events: number) => void): Promise<LevelResult> {
  return proveStates(tape, {
    open: (event) => (event.type === "session.started" ? openSessionState(event.payload) : null),
    ...{ hash, onProgress },
  });
}

async function decideAgain(
  { host, hash, inputs }: Pick<SessionReplayPorts, "host" | "hash" | "inputs">,
  { signal }: Pick<SessionReplayRequest, "signal">,
  tape: LogSession,
  onProgress: (events: number) => void,
): Promise<LevelResult | null> {
  // Whoever is stopped before the first event leaves an open log behind.
  if (tape.head().position === 0)
    return { verdict: { level: "L4", passed: true, checked: 0, message: "it has not begun, so nothing was decided" } };
  const recorded = await recordedSession(inputs, tape);
  if (recorded.kind === "unusable") {
    const { message, position } = recorded;
    return { verdict: { level: "L4", passed: false, checked: 0, message, ...(position === undefined ? {} : { position }) } };
  }
  return proveDecisions(host, tape, {
    task: recorded.task,
    arrivals: (stop) => arrivalsAgain(recorded, stop),
    ended: recorded.ended,
    hash,
    onProgress,
    ...(signal === undefined ? {} : { signal }),
  });
}
