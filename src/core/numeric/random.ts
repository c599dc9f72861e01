/**
 * Random numbers that are the same on every machine: each is a function of a key and a counter, in 32-bit integer arithmetic.
 *
 * @see Salmon, Moraes, Dror, Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC11 (2011): Philox4x32-10
 */

/** Four 32-bit words. */
export type Words4 = readonly [number, number, number, number];

const MULTIPLIER_0 = 0xd2511f53;
const MULTIPLIER_1 = 0xcd9e8d57;
const KEY_STEP_0 = 0x9e3779b9;
const KEY_STEP_1 = 0xbb67ae85;
const ROUNDS = 10;
const TWO_32 = 4_294_967_296;
const TWO_53 = 9_007_199_254_740_992;

/** Writes the Philox4x32-10 block of a counter under a key to `out`. Words are taken modulo 2^32. */
export function philox4x32(counter: Words4, key: readonly [number, number], out: Uint32Array): void {
  let [c0, c1, c2, c3] = [counter[0] >>> 0, counter[1] >>> 0, counter[2] >>> 0, counter[3] >>> 0];
  let k0 = key[0] >>> 0;
  let k1 = key[1] >>> 0;
  for (let round = 0; round < ROUNDS; round++) {
    const high0 = highProduct(MULTIPLIER_0, c0);
    const high1 = highProduct(MULTIPLIER_1, c2);
    const low0 = Math.imul(MULTIPLIER_0, c0) >>> 0;
    const low1 = Math.imul(MULTIPLIER_1, c2) >>> 0;
    c0 = (high1 ^ c1 ^ k0) >>> 0;
    c1 = low1;
    c2 = (high0 ^ c3 ^ k1) >>> 0;
    c3 = low0;
    k0 = (k0 + KEY_STEP_0) >>> 0;
    k1 = (k1 + KEY_STEP_1) >>> 0;
  }
  out[0] = c0;
  out[1] = c1;
  out[2] = c2;
  out[3] = c3;
}

/** Upper 32 bits of the product of two unsigned 32-bit numbers, by halves: no partial product leaves 2^53. */
function highProduct(a: number, b: number): number {
  const aHigh = a >>> 16;
  const aLow = a & 0xffff;
  const bHigh = b >>> 16;
  const bLow = b & 0xffff;
  const middle = aHigh * bLow + ((aLow * bLow) >>> 16);
  const middleLow = (middle % 65_536) + aLow * bHigh;
  return (aHigh * bHigh + Math.floor(middle / 65_536) + Math.floor(middleLow / 65_536)) >>> 0;
}

/**
 * Draws under one seed. A stream and an index name a run of draws: `at(stream, index)` goes there, whatever was drawn before, so that
 * the numbers of one place never depend on another.
 */
export class RandomDraws {
  readonly #key: readonly [number, number];
  readonly #block = new Uint32Array(4);
  #stream = 0;
  #index = 0;
  #part = 0;
  #used = 4;

  /** @param seed a whole number from 0 to 2^53 - 1. @throws {RangeError} for anything else. */
  constructor(seed: number) {
    if (!Number.isSafeInteger(seed) || seed < 0) throw new RangeError(`seed ${seed} is no whole number from 0 to 2^53 - 1`);
    this.#key = [seed % TWO_32, Math.floor(seed / TWO_32)];
  }

  /** Goes to the first draw of a place. Both numbers are whole, from 0 to 2^32 - 1 and 2^53 - 1. */
  at(stream: number, index: number): this {
    this.#stream = stream;
    this.#index = index;
    this.#part = 0;
    this.#used = 4;
    return this;
  }

  /** A whole number from 0 to 2^32 - 1. */
  word(): number {
    if (this.#used === 4) {
      philox4x32([this.#index % TWO_32, Math.floor(this.#index / TWO_32), this.#stream, this.#part], this.#key, this.#block);
      this.#part += 1;
      this.#used = 0;
    }
    const word = this.#block[this.#used] as number;
    this.#used += 1;
    return word;
  }

  /** A multiple of 2^-53 in [0, 1). */
  unit(): number {
    return ((this.word() >>> 5) * 67_108_864 + (this.word() >>> 6)) / TWO_53;
  }

  /** A whole number from 0 to `count - 1`, each equally likely. @param count 1 to 2^32. */
  below(count: number): number {
    // Words of the last, incomplete run of `count` are drawn again.
    const limit = TWO_32 - (TWO_32 % count);
    let word = this.word();
    while (word >= limit) word = this.word();
    return word % count;
  }

  /**
   * About normal with mean 0 and variance 1: the sum of twelve uniform numbers less six (Irwin-Hall). Never beyond 6 either way, and
   * made of additions alone, so that it has no logarithm to agree on.
   */
  bell(): number {
    let sum = 0;
    for (let draw = 0; draw < 12; draw++) sum += this.word();
    return sum / TWO_32 - 6;
  }
}
