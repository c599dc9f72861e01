/**
 * Whole numbers as text, one to a few characters each: small ones, which most differences are, take one.
 *
 * Five bits a character, the lowest first; a sixth says that more follow. The sign is the lowest bit.
 */
const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
const BITS = 32;

/** @throws {RangeError} for a number that is no safe integer below 2^52. */
export function packIntegers(values: readonly number[]): string {
  let text = "";
  for (const value of values) {
    if (!Number.isSafeInteger(value * 2)) throw new RangeError(`${value} cannot be packed`);
    let rest = value < 0 ? -value * 2 + 1 : value * 2;
    do {
      const digit = rest % BITS;
      rest = Math.floor(rest / BITS);
      text += ALPHABET[rest > 0 ? digit + BITS : digit];
    } while (rest > 0);
  }
  return text;
}

export function unpackIntegers(text: string): readonly number[] {
  const values: number[] = [];
  let value = 0;
  let weight = 1;
  for (const char of text) {
    const digit = ALPHABET.indexOf(char);
    value += (digit % BITS) * weight;
    weight *= BITS;
    if (digit >= BITS) continue;
    values.push(value % 2 === 1 ? -(value - 1) / 2 : value / 2);
    value = 0;
    weight = 1;
  }
  return values;
}
