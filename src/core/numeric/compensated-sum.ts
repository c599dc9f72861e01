/**
 * A running sum that carries its rounding error along (Neumaier's variant of Kahan's method).
 *
 * @see A. Neumaier, Rundungsfehleranalyse einiger Verfahren zur Summation endlicher Summen, ZAMM 54 (1974)
 */
export class CompensatedSum {
  #sum = 0;
  #compensation = 0;

  add(value: number): void {
    const next = this.#sum + value;
    this.#compensation += Math.abs(this.#sum) >= Math.abs(value) ? this.#sum - next + value : value - next + this.#sum;
    this.#sum = next;
  }

  get value(): number {
    return this.#sum + this.#compensation;
  }

  save(): readonly [sum: number, compensation: number] {
    return [this.#sum, this.#compensation];
  }

  restore(sum: number, compensation: number): void {
    this.#sum = sum;
    this.#compensation = compensation;
  }
}

/** The compensated sum of a list of finite numbers; its error does not grow with the count. */
export function sumCompensated(values: Iterable<number>): number {
  const sum = new CompensatedSum();
  for (const value of values) sum.add(value);
  return sum.value;
}
