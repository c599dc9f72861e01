/**
 * American options on a binomial lattice whose middle lies on the strike, which makes its error fall smoothly with the number of steps.
 *
 * @see D. P. J. Leisen, M. Reimer, Binomial models for option valuation: examining and improving convergence, Applied Mathematical Finance 3 (1996)
 */
import { fastExp } from "../../numeric/fast-exponential.js";
import { pow } from "../../numeric/power.js";
import { logMoneyness } from "./black-value.js";

/** Time runs over an odd number of steps. */
export const LATTICE_STEPS = { coarse: 201, fine: 401 } as const;

/** What a lattice needs of an option; volatility and time are above zero. */
export interface LatticeInputs {
  readonly side: 1 | -1;
  readonly spot: number;
  readonly strike: number;
  readonly expiry_years: number;
  readonly volatility: number;
  readonly rate: number;
  readonly dividend_yield: number;
}

export interface LatticeValue {
  readonly price: number;
  readonly delta: number;
  readonly gamma: number;
}

const values = new Float64Array(LATTICE_STEPS.fine + 1);

/**
 * Price, delta and gamma from two lattices, extrapolated to none of the error that falls with one over the number of steps. Null where the
 * volatility is so small that a lattice has no branches; the option is as good as certain then.
 */
export function latticeValue(inputs: LatticeInputs): LatticeValue | null {
  const coarse = oneLattice(inputs, LATTICE_STEPS.coarse);
  const fine = oneLattice(inputs, LATTICE_STEPS.fine);
  if (coarse === null || fine === null) return null;
  const towards = (a: number, b: number) => b + ((b - a) * LATTICE_STEPS.coarse) / (LATTICE_STEPS.fine - LATTICE_STEPS.coarse);
  return {
    price: towards(coarse.price, fine.price),
    delta: towards(coarse.delta, fine.delta),
    gamma: towards(coarse.gamma, fine.gamma),
  };
}

function oneLattice(inputs: LatticeInputs, steps: number): LatticeValue | null {
  const { side, spot, strike, expiry_years, volatility, rate, dividend_yield } = inputs;
  const s = volatility * Math.sqrt(expiry_years);
  const d1 = (logMoneyness(spot, strike) + (rate - dividend_yield) * expiry_years) / s + 0.5 * s;
  const up = inversion(d1 - s, steps);
  const upByAsset = inversion(d1, steps);
  if (!(up.p > 0 && up.rest > 0 && upByAsset.p > 0 && upByAsset.rest > 0)) return null;
  const step = expiry_years / steps;
  const growth = fastExp((rate - dividend_yield) * step);
  const discount = fastExp(-rate * step);
  const u = (growth * upByAsset.p) / up.p;
  const d = (growth * upByAsset.rest) / up.rest;
  const ratio = u / d;
  const toUp = discount * up.p;
  const toDown = discount * up.rest;

  let level = spot * pow(d, steps);
  let price = level;
  for (let n = 0; n <= steps; n++) {
    values[n] = Math.max(side * (price - strike), 0);
    price *= ratio;
  }
  let two: readonly number[] = [];
  let one: readonly number[] = [];
  for (let m = steps - 1; m >= 0; m--) {
    level /= d;
    price = level;
    let below = values[0] ?? 0;
    for (let n = 0; n <= m; n++) {
      const above = values[n + 1] ?? 0;
      const held = toDown * below + toUp * above;
      const exercised = side * (price - strike);
      values[n] = exercised > held ? exercised : held;
      below = above;
      price *= ratio;
    }
    if (m === 2) two = [values[0] ?? 0, values[1] ?? 0, values[2] ?? 0];
    if (m === 1) one = [values[0] ?? 0, values[1] ?? 0];
  }
  return { price: values[0] ?? 0, ...slopes(spot, u, d, one, two) };
}

/** Delta over the two prices after one step, gamma over the three after two. */
function slopes(spot: number, u: number, d: number, one: readonly number[], two: readonly number[]): { delta: number; gamma: number } {
  const [down = 0, up = 0] = one;
  const [low = 0, middle = 0, high = 0] = two;
  const above = (high - middle) / (spot * u * (u - d));
  const below = (middle - low) / (spot * d * (u - d));
  return { delta: (up - down) / (spot * (u - d)), gamma: (above - below) / (0.5 * spot * (u * u - d * d)) };
}

/**
 * Peizer and Pratt's second inversion: the probability of a branch from a normal quantile. The smaller one of it and its complement is computed,
 * without cancellation.
 */
function inversion(z: number, steps: number): { readonly p: number; readonly rest: number } {
  const w = z / (steps + 1 / 3 + 0.1 / (steps + 1));
  const e = fastExp(-w * w * (steps + 1 / 6));
  const small = (0.5 * e) / (1 + Math.sqrt(1 - e));
  return z < 0 ? { p: small, rest: 1 - small } : { p: 1 - small, rest: small };
}
