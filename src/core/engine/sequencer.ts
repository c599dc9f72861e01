import type { Units } from "../money/units.js";
import type { Order } from "../orders/order.js";
import type { UtcMillis } from "../tape/event.js";
import { type FactOf, type Place, Proposal } from "./proposal.js";
import type { RunEventType } from "./run-events.js";

/** Puts proposals in order: stream versions, indices within the command, causes. Dense by construction. */
export class Sequencer implements Place {
  /** Time of the step in hand; every proposal carries it. */
  now: UtcMillis = 0;
  /** What the next proposals answer. */
  cause: number = -1;
  /** Index of the next proposal within its command. */
  index: number = 0;
  #out: Proposal[] = [];
  /** The list handed out last, to be filled again when the next one is taken. */
  #taken: Proposal[] = [];
  readonly #versions = new Map<string, number>();

  /** Starts a command: indices begin at 0 again. */
  begin(): void {
    this.index = 0;
  }

  get pending(): boolean {
    return this.#out.length > 0;
  }

  /** Hands over what was proposed since the last call. The list is good until the next call. */
  take(): readonly Proposal[] {
    const out = this.#out;
    // Cheaper than setting the length of a list this short.
    while (this.#taken.length > 0) this.#taken.pop();
    this.#out = this.#taken;
    this.#taken = out;
    return out;
  }

  /** Forgets what was proposed and not yet taken. */
  drop(): void {
    this.index -= this.#out.length;
    this.#out.length = 0;
  }

  /** Proposes an event on a stream whose versions the sequencer keeps. */
  propose<T extends RunEventType>(kind: T, stream: string, fact: FactOf<T>): void {
    const version = (this.#versions.get(stream) ?? 0) + 1;
    this.#versions.set(stream, version);
    this.#out.push(new Proposal(kind, this, version, fact, stream));
    this.index += 1;
  }

  /** Proposes an event on an order's stream, whose versions the caller keeps. */
  proposeFor<T extends RunEventType>(kind: T, order: Order, version: number, units: Units, fact: FactOf<T>): void {
    this.#out.push(new Proposal(kind, this, version, fact, null, order, units));
    this.index += 1;
  }
}
