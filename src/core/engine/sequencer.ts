import type { UtcMillis } from "../tape/event.js";
import { RUN_EVENT_TYPES, type RunEvent, type RunEventType, type RunPayloads } from "./run-events.js";

/** A proposed event: what the tape takes, and the same fact as the engine folds it. */
export interface Proposal {
  readonly type: number;
  readonly stream: string;
  readonly version: number;
  readonly occurred_at: UtcMillis;
  readonly payload: RunPayloads[RunEventType];
  /** See `EventBlock.causes`. */
  readonly cause: number;
  /** Position within the command, from 0: what events that answer this one name as their cause. */
  readonly index: number;
  readonly event: RunEvent;
}

const TYPE_INDEX: ReadonlyMap<RunEventType, number> = new Map(RUN_EVENT_TYPES.map((type, i) => [type, i]));

/** Puts proposals in order: stream versions, indices within the command, causes. Dense by construction. */
export class Sequencer {
  /** Time of the step in hand; every proposal carries it unless told otherwise. */
  now: UtcMillis = 0;
  /** What the next proposals answer. */
  cause: number = -1;
  #out: Proposal[] = [];
  #index = 0;
  readonly #versions = new Map<string, number>();

  /** Starts a command: indices begin at 0 again. */
  begin(): void {
    this.#index = 0;
  }

  get pending(): boolean {
    return this.#out.length > 0;
  }

  /** Hands over what was proposed since the last call. */
  take(): readonly Proposal[] {
    const out = this.#out;
    this.#out = [];
    return out;
  }

  /** Forgets what was proposed and not yet taken. */
  drop(): void {
    this.#index -= this.#out.length;
    this.#out = [];
  }

  /** Proposes an event on a stream whose versions the sequencer keeps. */
  propose<T extends RunEventType>(type: T, stream: string, payload: RunPayloads[T], at: UtcMillis = this.now): void {
    const version = (this.#versions.get(stream) ?? 0) + 1;
    this.#versions.set(stream, version);
    this.proposeAt(type, stream, version, payload, at);
  }

  /** Proposes an event whose stream version the caller keeps. */
  proposeAt<T extends RunEventType>(type: T, stream: string, version: number, payload: RunPayloads[T], at: UtcMillis = this.now): void {
    // `type` and `payload` belong together by the signature; the union cannot express it.
    const event = { type, occurred_at: at, payload } as unknown as RunEvent;
    this.#out.push({
      type: TYPE_INDEX.get(type) as number,
      stream,
      version,
      occurred_at: at,
      payload,
      cause: this.cause,
      index: this.#index,
      event,
    });
    this.#index += 1;
  }
}
