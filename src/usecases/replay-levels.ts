/**
 * The levels of a replay, for any log that an engine wrote: L1 the chain links; L2 payloads match their hashes; L3 folding the events gives the state
 * hashes that the tape carries; L4 feeding only the inputs to the engine gives every event again, byte for byte.
 */
import type { Arrival } from "../core/engine/arrival-feed.js";
import { runCatalogue } from "../core/engine/run-event-schemas.js";
import type { TradingState } from "../core/engine/trading-state.js";
import { CLEAR, evolveDailyFreeze } from "../core/gate/daily-freeze.js";
import { ARMED, evolveKillSwitch } from "../core/gate/kill-switch.js";
import { isRiskEvent } from "../core/gate/risk-events.js";
import { type PositionedEvent, positionedEvent } from "../core/projections/positioned-event.js";
import { BlockSealer } from "../core/tape/block-sealer.js";
import { compareAt, type Divergence } from "../core/tape/divergence.js";
import type { TapeEvent } from "../core/tape/event.js";
import { GENESIS_HASH, type Sha256Fn } from "../core/tape/hash.js";
import { eventAt } from "../core/tape/sealed-block.js";
import { TapeUnreadable } from "../core/tape/tape-unreadable.js";
import type { EngineHost, EngineTask } from "../ports/engine-host.js";
import type { LogSession } from "../ports/event-store.js";

export type ReplayLevel = "L1" | "L2" | "L3" | "L4";

export const REPLAY_LEVELS: readonly ReplayLevel[] = ["L1", "L2", "L3", "L4"];

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

export type Parted = Extract<Divergence, { kind: "parted" }>;

export interface LevelResult {
  readonly verdict: LevelVerdict;
  readonly divergence?: Parted;
}

/** How each level of a log is proved. A level that was stopped gives null. */
export type LevelProofs = Readonly<Record<ReplayLevel, () => Promise<LevelResult | null>>>;

export interface ProvedLevels {
  readonly verified: boolean;
  readonly levels: readonly LevelVerdict[];
  /** Present when the first failing level found a first differing event. */
  readonly divergence: Parted | null;
}

export interface ProvingOptions {
  /** Highest level to prove. Default L4. */
  readonly level?: ReplayLevel;
  /** Told of each level as soon as it is decided. */
  readonly onVerdict?: (verdict: LevelVerdict) => void;
  readonly signal?: AbortSignal;
}

/** Proves level after level, up to the first that fails. @returns null where it was stopped. */
export async function proveLevels(proofs: LevelProofs, { level, onVerdict, signal }: ProvingOptions): Promise<ProvedLevels | null> {
  const wanted = REPLAY_LEVELS.slice(0, REPLAY_LEVELS.indexOf(level ?? "L4") + 1);
  const levels: LevelVerdict[] = [];
  let divergence: Parted | null = null;
  for (const each of wanted) {
    if (signal?.aborted === true) return null;
    const result = await proofs[each]().catch(tooNew(each));
    if (result === null) return null;
    levels.push(result.verdict);
    onVerdict?.(result.verdict);
    divergence = result.divergence ?? null;
    if (!result.verdict.passed) break;
  }
  return { verified: levels.length === wanted.length && levels.every((l) => l.passed), levels, divergence };
}

/** A tape that only a newer version can read is no bug of this one. */
function tooNew(level: ReplayLevel): (error: unknown) => LevelResult {
  return (error) => {
    if (!(error instanceof TapeUnreadable)) throw error;
    const { message, position } = error;
    return { verdict: { level, passed: false, checked: 0, message, ...(position === null ? {} : { position }) } };
  };
}

/** L1 and L2. @param stated where the log is said to end elsewhere, or null where nothing is said of it. */
export async function proveChain(
  session: LogSession,
  level: "L1" | "L2",
  stated: { readonly position: number; readonly hash: string } | null,
  onProgress: (events: number) => void,
): Promise<LevelResult> {
  const { events, failure, head } = await session.verify(level, onProgress);
  if (failure !== null) {
    const column = failure.column === null ? "" : ` (${failure.column})`;
    const message = `position ${failure.position}${column}: ${failure.message}`;
    return { verdict: { level, passed: false, checked: events, position: failure.position, message } };
  }
  if (stated !== null && (head.position !== stated.position || head.hash !== stated.hash)) {
    const message = `the tape ends at position ${head.position}, the manifest says ${stated.position}: it was cut, extended or exchanged`;
    const position = Math.min(head.position, stated.position) + 1;
    return { verdict: { level, passed: false, checked: events, position, message } };
  }
  const message = level === "L1" ? "every link of the chain holds" : "every payload matches its hash";
  return { verdict: { level, passed: true, checked: events, message } };
}

/** How the state of a log begins: what its first event opens, why it cannot, or null where an event opens none. */
export type OpenState = (event: PositionedEvent) => Promise<TradingState | string | null> | TradingState | string | null;

/** L3: folds the events and compares the state at every session close and at the end. */
export async function proveStates(
  session: LogSession,
  { open, hash, onProgress }: { readonly open: OpenState; readonly hash: Sha256Fn; readonly onProgress: (events: number) => void },
): Promise<LevelResult> {
  let state: TradingState | null = null;
  let killSwitch = ARMED;
  let freeze = CLEAR;
  let checked = 0;
  let done = 0;
  const failed = (position: number, message: string): LevelResult => ({
    verdict: { level: "L3", passed: false, checked, position, message },
  });
  for await (const page of session.replayPages()) {
    for (const stored of page) {
      const event = positionedEvent(stored);
      const { position } = stored;
      if (state === null) {
        const opened = await open(event);
        if (opened === null) return failed(position, "the tape does not begin as a run or a session does");
        if (typeof opened === "string") return failed(position, opened);
        state = opened;
      }
      try {
        state.apply(event);
        if (isRiskEvent(event)) [killSwitch, freeze] = [evolveKillSwitch(killSwitch, event), evolveDailyFreeze(freeze, event)];
      } catch (error) {
        return failed(position, `${stored.type} cannot be folded: ${error instanceof Error ? error.message : String(error)}`);
      }
      if (event.type === "session.closed" || event.type === "run.completed") {
        checked += 1;
        const actual = hash(state.text());
        const { state_sha256 } = event.payload;
        if (actual !== state_sha256) return failed(position, `the folded state hashes to ${actual}, the tape says ${state_sha256}`);
      }
      done += 1;
      if (done % 20_000 === 0) onProgress(done);
    }
  }
  const at = `${checked} point${checked === 1 ? "" : "s"}`;
  return { verdict: { level: "L3", passed: true, checked, message: `the folded state is the recorded one at ${at}` } };
}

/** What an engine is given to decide again. */
export interface DecideAgain {
  readonly task: EngineTask;
  /** What came to a session; `stop` ends the replay where the recording ends without an end of its own. */
  readonly arrivals?: (stop: () => void) => AsyncIterable<Arrival>;
  /** False where the log may go on: what is made beyond its end contradicts nothing. Default: true. */
  readonly ended?: boolean;
  readonly hash: Sha256Fn;
  readonly onProgress: (events: number) => void;
  readonly signal?: AbortSignal;
}

/** L4: runs the engine on the recorded inputs and compares every event it makes with the stored one. @returns null where it was stopped. */
export async function proveDecisions(host: EngineHost, session: LogSession, again: DecideAgain): Promise<LevelResult | null> {
  const comparison = new Comparison(session, again);
  const over = new AbortController();
  const { signal } = again;
  const outcome = await host.run(again.task, {
    time_budget_ms: REPLAY_BUDGET_MS,
    signal: signal === undefined ? over.signal : AbortSignal.any([signal, over.signal]),
    ...(again.arrivals === undefined ? {} : { arrivals: again.arrivals(() => over.abort()) }),
    onBlock: async (block) => {
      if (over.signal.aborted) return { kind: "committed" };
      if (!(await comparison.take(block))) return { kind: "stopped", cause: "the replay parted from the tape" };
      again.onProgress(comparison.checked);
      return { kind: "committed" };
    },
  });
  if (outcome.kind === "aborted" && !over.signal.aborted) return null;
  if (outcome.kind === "completed" && comparison.parted === null) await comparison.end();
  const undecided = over.signal.aborted && comparison.parted === null ? await comparison.undecided() : 0;
  await comparison.close();
  const { checked, parted } = comparison;
  const fail = (message: string, position?: number): LevelResult => ({
    verdict: { level: "L4", passed: false, checked, message, ...(position === undefined ? {} : { position }) },
  });
  if (parted !== null) {
    const { position, left, right, fields } = parted;
    const differing = fields.length > 0 ? `, differing in ${fields.join(", ")}` : "";
    const message = `position ${position}: recorded ${left?.type ?? "nothing"}, replayed ${right?.type ?? "nothing"}${differing}`;
    return { ...fail(message, position), divergence: parted };
  }
  if (typeof undecided === "object")
    return fail(`position ${undecided.position}: recorded ${undecided.type}, replayed nothing`, undecided.position);
  if (outcome.kind !== "completed" && !over.signal.aborted) return fail(`the replay did not end: ${outcome.kind}`);
  const waiting = undecided === 0 ? "" : `; ${undecided} bars at its end wait to be decided on`;
  return { verdict: { level: "L4", passed: true, checked, message: `the same inputs gave the same events, byte for byte${waiting}` } };
}

/** Events of an engine beside those of a log, one by one. */
class Comparison {
  readonly #stored: AsyncIterator<TapeEvent>;
  readonly #sealer: BlockSealer;
  /** Position behind which nothing is compared. */
  readonly #last: number;
  checked = 0;
  parted: Parted | null = null;

  constructor(session: LogSession, { hash, ended = true }: Pick<DecideAgain, "hash" | "ended">) {
    this.#last = ended ? Number.POSITIVE_INFINITY : session.head().position;
    this.#stored = session.readLog()[Symbol.asyncIterator]();
    this.#sealer = new BlockSealer(session.log, runCatalogue, hash, {
      head: { position: 0, hash: GENESIS_HASH, content_hash: GENESIS_HASH },
      pins: [],
      recent: [],
    });
  }

  /** @returns false once they part. */
  async take(block: Parameters<BlockSealer["seal"]>[0]): Promise<boolean> {
    const sealed = this.#sealer.seal(block);
    for (let i = 0; i < sealed.count && sealed.first_position + i <= this.#last; i++)
      if (!(await this.#compare(eventAt(sealed, i, { recorded_at: 0, epoch: 0 }), sealed.first_position + i))) return false;
    return true;
  }

  /** The engine made nothing more. */
  async end(): Promise<void> {
    await this.#compare(null, this.checked + 1);
  }

  /** Bars behind the last event that was compared: the log ends before anything was decided on them. @returns an event that is none of them. */
  async undecided(): Promise<number | TapeEvent> {
    for (let count = 0; ; count++) {
      const next = await this.#stored.next();
      if (next.done === true) return count;
      if (next.value.type !== "bar.closed") return next.value;
    }
  }

  async close(): Promise<void> {
    await this.#stored.return?.();
  }

  async #compare(replayed: TapeEvent | null, position: number): Promise<boolean> {
    const next = await this.#stored.next();
    const original = next.done === true ? null : next.value;
    const verdict = compareAt(position, original, replayed);
    if (verdict === null) {
      this.checked += 1;
      // Equal content with another id, cause or stream is a difference too.
      if (original !== null && replayed !== null && original.event_hash !== replayed.event_hash)
        this.parted = { kind: "parted", position, left: original, right: replayed, fields: [] };
    } else if (verdict.kind === "parted") this.parted = verdict;
    return verdict === null && this.parted === null;
  }
}

/** A replay proves content, not speed: handlers get a minute. */
const REPLAY_BUDGET_MS = 60_000;
