/** Exact fractions for oracles: shares no code with the engine. */
export interface Rational {
  readonly n: bigint;
  /** Always positive. */
  readonly d: bigint;
}

/** Reads plain decimal text, or a whole number. */
export function rational(text: string | bigint): Rational {
  if (typeof text === "bigint") return { n: text, d: 1n };
  const m = /^(-?)(\d+)(?:\.(\d+))?$/.exec(text);
  if (m === null) throw new Error(`"${text}" is no decimal`);
  const decimals = m[3] ?? "";
  const n = BigInt(`${m[2]}${decimals}`);
  return { n: m[1] === "-" ? -n : n, d: 10n ** BigInt(decimals.length) };
}

export function times(...factors: readonly Rational[]): Rational {
  return factors.reduce((a, b) => ({ n: a.n * b.n, d: a.d * b.d }), rational(1n));
}

export function over(a: Rational, b: Rational): Rational {
  return b.n < 0n ? { n: -a.n * b.d, d: a.d * -b.n } : { n: a.n * b.d, d: a.d * b.n };
}

export function plus(a: Rational, b: Rational): Rational {
  return { n: a.n * b.d + b.n * a.d, d: a.d * b.d };
}

export function minus(a: Rational, b: Rational): Rational {
  return plus(a, { n: -b.n, d: b.d });
}

export function sign(a: Rational): number {
  return a.n > 0n ? 1 : a.n < 0n ? -1 : 0;
}

export function absolute(a: Rational): Rational {
  return a.n < 0n ? { n: -a.n, d: a.d } : a;
}

export function isLess(a: Rational, b: Rational): boolean {
  return a.n * b.d < b.n * a.d;
}

/** Towards minus infinity. */
export function floor({ n, d }: Rational): bigint {
  return n >= 0n ? n / d : -((-n + d - 1n) / d);
}

/** The nearest multiple of 10^-`decimals`, ties to even, counted in such units. */
export function nearest(a: Rational, decimals: number): bigint {
  const scaled = times(a, rational(10n ** BigInt(decimals)));
  const below = floor(scaled);
  const twice = 2n * (scaled.n - below * scaled.d);
  if (twice !== scaled.d) return twice < scaled.d ? below : below + 1n;
  return below % 2n === 0n ? below : below + 1n;
}

/** `units` of 10^-`decimals`. */
export function ofUnits(units: bigint, decimals: number): Rational {
  return { n: units, d: 10n ** BigInt(decimals) };
}

/** Decimal text of a fraction that ends. */
export function textOf(a: Rational, decimals: number): string {
  const units = nearest(a, decimals);
  const digits = (units < 0n ? -units : units).toString().padStart(decimals + 1, "0");
  const whole = digits.slice(0, digits.length - decimals);
  const rest = digits.slice(digits.length - decimals).replace(/0+$/, "");
  return `${units < 0n ? "-" : ""}${whole}${rest === "" ? "" : `.${rest}`}`;
}
