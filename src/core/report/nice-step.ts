/** The largest of 1, 2, 5 times a power of ten that is not above a positive number. */
export function floor10(value: number): number {
  let exponent = 0;
  while (unit(exponent + 1) <= value) exponent += 1;
  while (unit(exponent) > value) exponent -= 1;
  for (const digit of [5, 2]) if (scaled(digit, exponent) <= value) return scaled(digit, exponent);
  return unit(exponent);
}

/** The smallest of 1, 2, 5 times a power of ten that is not below a positive number. */
export function ceil10(value: number): number {
  const below = floor10(value);
  if (below === value) return below;
  const exponent = exponentOf(below);
  const lead = Math.round(below / unit(exponent));
  return lead === 1 ? scaled(2, exponent) : lead === 2 ? scaled(5, exponent) : unit(exponent + 1);
}

function exponentOf(step: number): number {
  let exponent = 0;
  while (unit(exponent + 1) <= step) exponent += 1;
  while (unit(exponent) > step) exponent -= 1;
  return exponent;
}

function unit(exponent: number): number {
  return scaled(1, exponent);
}

/** The double nearest to `digit` x 10^exponent: one exact text, read once. */
function scaled(digit: number, exponent: number): number {
  return Number(`${digit}e${exponent}`);
}
