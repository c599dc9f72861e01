/** Orders submitted and refused by the venue within a stretch of time that ends now. */
import type { UtcMillis } from "../tape/event.js";

/** Counts of one moment. */
export type WindowCount = readonly [ts: UtcMillis, submitted: number, rejected: number];

export class OrderWindow {
  readonly #span: number;
  readonly #counts: [ts: UtcMillis, submitted: number, rejected: number][];

  /** @param span milliseconds that are kept; 0 keeps nothing. */
  constructor(span: number, counts: readonly WindowCount[] = []) {
    this.#span = span;
    this.#counts = counts.map(([ts, submitted, rejected]) => [ts, submitted, rejected]);
  }

  get counts(): readonly WindowCount[] {
    return this.#counts;
  }

  submitted(ts: UtcMillis): void {
    const count = this.#at(ts);
    if (count !== null) count[1] += 1;
  }

  rejected(ts: UtcMillis): void {
    const count = this.#at(ts);
    if (count !== null) count[2] += 1;
  }

  /** Sums over `(now - span, now]`. */
  within(span: number, now: UtcMillis): { readonly submitted: number; readonly rejected: number } {
    let submitted = 0;
    let rejected = 0;
    for (const [ts, sent, refused] of this.#counts) {
      if (ts <= now - span) continue;
      submitted += sent;
      rejected += refused;
    }
    return { submitted, rejected };
  }

  #at(ts: UtcMillis): [UtcMillis, number, number] | null {
    if (this.#span === 0) return null;
    const newest = this.#counts.at(-1);
    if (newest?.[0] === ts) return newest;
    while (this.#counts.length > 0 && (this.#counts[0]?.[0] ?? ts) <= ts - this.#span) this.#counts.shift();
    const count: [UtcMillis, number, number] = [ts, 0, 0];
    this.#counts.push(count);
    return count;
  }
}
