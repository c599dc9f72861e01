/**
 * The Black formula solved for its standard deviation s, volatility times the root of time.
 *
 * An option's value out of the money over its low end, c(s), rises from zero to one, convex up to `s = sqrt(2 |x|)` and concave from there. Where
 * the tangent at that point meets zero and one, the range is cut. Between the cuts a first guess interpolates s as a function of c, beyond them
 * it interpolates a transformed value that is nearly linear out there; two steps of {@link file://./implied-steps.ts} do the rest.
 *
 * @see P. Jäckel, Let's be rational, Wilmott (2015), sections 4 to 6
 * @see R. Delbourgo, J. A. Gregory, Shape preserving piecewise rational interpolation, SIAM J. Sci. Stat. Comput. 6 (1985)
 */
import { fastExp } from "../../numeric/fast-exponential.js";
import { fastLog } from "../../numeric/fast-logarithm.js";
import { millsRatio } from "../../numeric/mills-ratio.js";
import { normalCdf, normalPdf } from "../../numeric/normal-distribution.js";
import { shareOfLow } from "./black-value.js";
import { highStep, lowStep, lowTarget, middleStep, type Step } from "./implied-steps.js";

const ROOT_TWO_PI = 2.5066282746310002;
const ONE_OVER_ROOT_TWO_PI = 0.3989422804014327;
const ROOT_HALF_PI = 1.2533141373155003;
const ROOT_THREE = 1.7320508075688772;
const TWO_PI = 6.283185307179586;
const PI_OVER_6 = 0.5235987755982988;
/** Below it the root's own rounding would be all that is left of the lower cut; its series takes over. */
const SMALL = 1e-3;

/** The error after a step is about the fourth power of the step's share of s: after one of this size nothing is left to mend. */
const LAST_STEP = 5e-5;
/** Two or three are needed; at the edge of what a double holds the search falls back on halving. */
const MOST_STEPS = 100;

/**
 * The s at which an option is worth `c` times its low end; relative error below 2e-15 plus what a unit in the last place of `c` makes.
 *
 * @param c above zero and below one
 * @param size |ln(forward / strike)|
 */
export function impliedDeviation(c: number, size: number): number {
  const middle = Math.sqrt(2 * size);
  const ratio = millsRatio(middle);
  const cMiddle = 0.5 - ONE_OVER_ROOT_TWO_PI * ratio;
  if (c >= cMiddle) {
    const high = middle + ROOT_HALF_PI + ratio;
    const density = normalPdf(size / high - 0.5 * high);
    const cHigh = shareOfLow(size / high, 0.5 * high, density);
    if (c > cHigh) return solve(highStep, fastLog(1 - c), size, highGuess(c, size, high, cHigh));
    const slope = 1 / density;
    const straightness = straight(slope - ROOT_TWO_PI, (high - middle) / (cHigh - cMiddle) - ROOT_TWO_PI);
    return solve(middleStep, c, size, between(c, cMiddle, cHigh, middle, high, ROOT_TWO_PI, slope, straightness));
  }
  const low = middle > SMALL ? middle - ROOT_HALF_PI + ratio : size * (ROOT_HALF_PI - (2 / 3) * middle);
  const density = normalPdf(size / low - 0.5 * low);
  const cLow = shareOfLow(size / low, 0.5 * low, density);
  if (c < cLow) return solve(lowStep, lowTarget(c, size), size, lowGuess(c, size, low, cLow));
  const slope = 1 / density;
  const straightness = straight(ROOT_TWO_PI - slope, ROOT_TWO_PI - (middle - low) / (cMiddle - cLow));
  return solve(middleStep, c, size, between(c, cLow, cMiddle, low, middle, slope, ROOT_TWO_PI, straightness));
}

function solve(step: Step, target: number, size: number, guess: number): number {
  let s = guess > 0 && guess < Number.POSITIVE_INFINITY ? guess : Math.sqrt(2 * size) + 1;
  let least = 0;
  let most = Number.POSITIVE_INFINITY;
  for (let n = 0; n < MOST_STEPS; n++) {
    const move = step(target, size, s);
    const next = s + move;
    if (Math.abs(move) <= LAST_STEP * s) return next;
    if (move > 0) least = s;
    else most = s;
    if (next > least && next < most) s = next;
    else s = most === Number.POSITIVE_INFINITY ? 2 * s : 0.5 * (least + most);
  }
  return s;
}

/**
 * The rational cubic through two points with given slopes.
 *
 * @param straightness 3 makes it a polynomial, more of it pulls it towards the chord; above -1
 */
function between(c: number, cL: number, cR: number, yL: number, yR: number, slopeL: number, slopeR: number, straightness: number): number {
  const width = cR - cL;
  const t = (c - cL) / width;
  const u = 1 - t;
  const right = yR * t + (straightness * yR - width * slopeR) * u;
  const left = yL * u + (straightness * yL + width * slopeL) * t;
  return (right * t * t + left * u * u) / (1 + (straightness - 3) * t * u);
}

/** The straightness that gives a second derivative at one end, as a quotient; kept where the cubic has no pole. */
function straight(numerator: number, denominator: number): number {
  const r = numerator / denominator;
  if (r > -0.9 && r < 1e6) return r;
  return r <= -0.9 ? -0.9 : 1e6;
}

/** Interpolates the cube of a normal probability, which is nearly proportional to a small c. */
function lowGuess(c: number, size: number, low: number, cLow: number): number {
  const z = -size / (ROOT_THREE * low);
  const p = normalCdf(z);
  const unit = fastExp(0.5 * size);
  const value = ((TWO_PI * size) / (3 * ROOT_THREE)) * p * p * p * unit;
  const slope = TWO_PI * z * z * p * p * fastExp(z * z + 0.125 * low * low);
  const bend = ((3 * low * low * (low * low - 8) - 8 * size * size) * p) / normalPdf(z) - 8 * ROOT_THREE * low * size;
  const second = ((PI_OVER_6 * z * z) / (low * low * low)) * p * bend * fastExp(2 * z * z + 0.25 * low * low);
  const straightness = straight((0.5 * cLow * second) / unit + slope - 1, slope - value / cLow);
  const cube = Math.max(between(c, 0, cLow, 0, value, 1, slope, straightness), c * 1e-3);
  const root = ROOT_THREE * fastExp(fastLog(cube / (unit * TWO_PI * size)) / 3);
  return size / (ROOT_THREE * -coarseQuantile(Math.min(root, 0.49)));
}

/** Interpolates the normal probability of -s / 2, which is nearly proportional to what c misses to one. */
function highGuess(c: number, size: number, high: number, cHigh: number): number {
  const a = size / high;
  const unit = fastExp(-0.5 * size);
  const value = normalCdf(-0.5 * high);
  const slope = -0.5 * unit * fastExp(0.5 * a * a);
  const second = ((ROOT_HALF_PI * a * a) / high) * unit * unit * fastExp(a * a + 0.125 * high * high);
  const width = 1 - cHigh;
  const straightness = straight(0.5 * width * second - 0.5 * unit - slope, -value / width - slope);
  const p = between(c, cHigh, 1, value, 0, slope, -0.5 * unit, straightness);
  return -2 * coarseQuantile(p > 0 && p < 0.5 ? p : 0.5 * unit * (1 - c));
}

/** Normal quantile to three digits. @param p below one half. @see M. Abramowitz, I. A. Stegun, Handbook of Mathematical Functions (1964), 26.2.23 */
function coarseQuantile(p: number): number {
  const t = Math.sqrt(-2 * fastLog(p));
  return (2.515517 + t * (0.802853 + t * 0.010328)) / (1 + t * (1.432788 + t * (0.189269 + t * 0.001308))) - t;
}
