import type { UtcMillis } from "../tape/event.js";

/** What the key of a strategy's order is derived from. */
export interface KeyOrigin {
  readonly strategy: string;
  readonly symbol: string;
  readonly bar_ts: UtcMillis;
  /** Number of the order within its symbol, side and bar time, from 1. */
  readonly sequence: number;
}

/** The canonical key of an order that a strategy's signal leads to: `strategy:symbol:side:bar_ts:sequence`. */
export function idempotencyKey(wish: KeyOrigin, side: "buy" | "sell"): string {
  return `${wish.strategy}:${wish.symbol}:${side}:${wish.bar_ts}:${wish.sequence}`;
}

/** A key that the engine makes for an order of its own: unique in its run. Spelled where somebody reads it. */
export interface DerivedKey {
  readonly text: string;
}

/** The key of an order that a signal leads to. */
export class SignalKey implements DerivedKey {
  readonly #origin: KeyOrigin;
  readonly #side: "buy" | "sell";
  #text: string | null = null;

  constructor(origin: KeyOrigin, side: "buy" | "sell") {
    this.#origin = origin;
    this.#side = side;
  }

  get text(): string {
    this.#text ??= idempotencyKey(this.#origin, this.#side);
    return this.#text;
  }
}

/** Ends the key of the part of an order that closes a position, where its other part opens the opposite one. */
export const CLOSING_PART = ":closing_part";

/** The key of the part of a signal's order that closes a position; the other part has the signal's own. */
export class ClosingKey implements DerivedKey {
  readonly #whole: { readonly key: string };

  constructor(whole: { readonly key: string }) {
    this.#whole = whole;
  }

  get text(): string {
    return `${this.#whole.key}${CLOSING_PART}`;
  }
}

/** The key of an exit that an entry brings along. */
export class ExitKey implements DerivedKey {
  readonly #entry: { readonly key: string };
  readonly #leg: "stop_loss" | "take_profit";

  constructor(entry: { readonly key: string }, leg: "stop_loss" | "take_profit") {
    this.#entry = entry;
    this.#leg = leg;
  }

  get text(): string {
    return `${this.#entry.key}:${this.#leg}`;
  }
}

/** SHA-1 of a text, 40 lower-case hexadecimal characters; handed in by whoever drives the core. */
export type Sha1Fn = (text: string) => string;

/** What an external key is made of. `qualifier` is the OCO id or, without one, the bar time. */
export interface ExternalKeyParts {
  readonly run_id: string;
  readonly strategy: string;
  readonly strategy_version: string;
  readonly symbol: string;
  readonly side: "BUY" | "SELL";
  readonly qualifier: string;
}

/**
 * The external-key recipe of order files: first 16 hex digits of SHA-1 over
 * `run_id|strategy|strategy_version|symbol|side|qualifier`.
 *
 * The original recipe left the qualifier empty for orders outside an OCO group, so two signals of one run on the same symbol
 * and side collided. Here `qualifier` is required: the OCO id or, without one, the bar time.
 * {@link legacyExternalKey} keeps the original for keys made elsewhere.
 */
export function externalKey(wish: ExternalKeyParts, sha1: Sha1Fn): string {
  if (wish.qualifier === "") throw new RangeError("an external key needs an OCO id or a bar time; without one two signals collide");
  return legacyExternalKey(wish, sha1);
}

/** The original recipe, empty qualifier allowed: only for comparing with keys made by other systems. */
export function legacyExternalKey(wish: ExternalKeyParts, sha1: Sha1Fn): string {
  return sha1([wish.run_id, wish.strategy, wish.strategy_version, wish.symbol, wish.side, wish.qualifier].join("|")).slice(0, 16);
}
