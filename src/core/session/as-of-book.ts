/**
 * What was known of a key at any event time. Entries are ordered by event time and then by the id of their event, whatever the order in which
 * they arrive: two books that were given the same entries are equal.
 */
import type { UtcMillis } from "../tape/event.js";

export interface Entry<T> {
  /** Event time. */
  readonly ts: UtcMillis;
  /** Id that its sender gave the event; breaks ties of time. */
  readonly id: string;
  readonly value: T;
}

export class AsOfBook<T> {
  readonly #entries = new Map<string, Entry<T>[]>();

  put(key: string, entry: Entry<T>): void {
    const list = this.#entries.get(key);
    if (list === undefined) {
      this.#entries.set(key, [entry]);
      return;
    }
    let at = list.length;
    // Nearly always the newest: looked for from the end.
    while (at > 0 && isAfter(list[at - 1] as Entry<T>, entry)) at -= 1;
    list.splice(at, 0, entry);
  }

  /** The last entry at or before a time, or null. */
  at(key: string, ts: UtcMillis): Entry<T> | null {
    const list = this.#entries.get(key) ?? [];
    let low = 0;
    let high = list.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((list[middle] as Entry<T>).ts <= ts) low = middle + 1;
      else high = middle;
    }
    return list[low - 1] ?? null;
  }

  /** Every entry of a key, the oldest first. */
  entries(key: string): readonly Entry<T>[] {
    return this.#entries.get(key) ?? [];
  }

  /** The newest entry of every key, in the order of the keys' code units. */
  newest(): readonly (readonly [key: string, entry: Entry<T>])[] {
    return [...this.#entries].map(([key, list]) => [key, list.at(-1) as Entry<T>] as const).sort(([a], [b]) => (a < b ? -1 : 1));
  }

  /** Keys in the order of their code units. */
  keys(): readonly string[] {
    return [...this.#entries.keys()].sort();
  }
}

function isAfter(a: Entry<unknown>, b: Entry<unknown>): boolean {
  return a.ts > b.ts || (a.ts === b.ts && a.id > b.id);
}
