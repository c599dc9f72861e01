/** Numbers as they are stored: NaN becomes null and negative zero becomes zero, because JSON has neither. */
export function encodeState(numbers: Iterable<number>): readonly (number | null)[] {
  return Array.from(numbers, (value) => (Number.isNaN(value) ? null : value + 0));
}

/** Reads a saved state in the order in which it was written. */
export class StateReader {
  readonly #state: readonly (number | null)[];
  readonly #owner: string;
  #next = 0;

  constructor(state: readonly (number | null)[], owner: string) {
    this.#state = state;
    this.#owner = owner;
  }

  /** @throws {RangeError} when the state has no further number. */
  take(): number {
    const value = this.#state[this.#next];
    if (value === undefined) throw this.#mismatch();
    this.#next += 1;
    return value ?? Number.NaN;
  }

  /** A count from 0 to `limit`. @throws {RangeError} for anything else. */
  takeCount(limit: number): number {
    const count = this.take();
    if (!Number.isInteger(count) || count < 0 || count > limit) throw this.#mismatch();
    return count;
  }

  /** @throws {RangeError} when numbers are left over. */
  finish(): void {
    if (this.#next !== this.#state.length) throw this.#mismatch();
  }

  #mismatch(): RangeError {
    return new RangeError(`the saved state of ${this.#state.length} numbers does not belong to ${this.#owner}`);
  }
}
