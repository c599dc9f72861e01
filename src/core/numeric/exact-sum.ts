/**
 * A sum of safe integers that is exact however long it grows: a double as long as that is a safe integer, BigInt from then on.
 */
export class ExactSum {
  #small = 0;
  #large = 0n;

  /** @param value a safe integer; anything else makes the sum meaningless and is refused. @throws {RangeError} */
  add(value: number): void {
    const sum = this.#small + value;
    // Two safe integers add to less than 2^54: where the sum is safe it was not rounded.
    if (Number.isSafeInteger(sum) && Number.isSafeInteger(value)) {
      this.#small = sum;
      return;
    }
    if (!Number.isSafeInteger(value)) throw new RangeError(`${value} is no safe integer`);
    this.#large += BigInt(this.#small);
    this.#small = value;
  }

  get total(): bigint {
    return this.#large + BigInt(this.#small);
  }
}
