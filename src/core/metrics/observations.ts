/** Lists of observed values, each of which knows where on the tape it was observed. */

/** Exact money is a bigint at the account's scale; every other amount is a double. */
export type Amount = number | bigint;

/** What an observation rests on. */
export interface Source {
  /** How people call it: a session date, `trade:3`, a close time. */
  readonly label: string;
  /** Tape positions of the events that it comes from, oldest first. */
  readonly events: readonly number[];
}

/** Observed values in the order of the tape. */
export interface Observations {
  /** What one of them is, in the singular, for example `session return`. */
  readonly of: string;
  /** Money is exact and at the account's scale; it may be an empty list of it. */
  readonly money?: boolean;
  readonly values: readonly Amount[];
  /** Values that stand opposite these, pair by pair, for folds of two series. */
  readonly against?: readonly number[];
  readonly source: (index: number) => Source;
}

/** Keeps the chosen indices of a list. */
export function chosen(from: Observations, indices: readonly number[]): Observations {
  return {
    of: from.of,
    ...(from.money === true ? { money: true } : {}),
    values: indices.map((i) => from.values[i] as Amount),
    ...(from.against === undefined ? {} : { against: indices.map((i) => from.against?.[i] as number) }),
    source: (i) => from.source(indices[i] as number),
  };
}

/** The same observations with a double taken from each. */
export function mapped(from: Observations, of: string, value: (value: Amount, index: number) => number): Observations {
  return { of, values: from.values.map(value), source: from.source };
}
