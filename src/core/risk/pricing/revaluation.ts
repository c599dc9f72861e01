/**
 * Many European options under many scenarios: full repricing over columns, without allocation per option or scenario.
 *
 * A cell is the value of {@link priceBlackScholes} at the scenario's spot, volatility and rate, within 1e-14 of spot plus strike: logarithms are
 * taken once per spot and once per strike, and digits far below a cent are not chased as the pricer does far from the money.
 */
import { fastExp } from "../../numeric/fast-exponential.js";
import { fastLog } from "../../numeric/fast-logarithm.js";
import { millsRatio } from "../../numeric/mills-ratio.js";
import { InputCheck, type Priced } from "./refusal.js";

/** One entry per option; meanings and units are those of {@link BlackScholesInputs}. */
export interface OptionColumns {
  /** 1 for a call, -1 for a put. */
  readonly side: Int8Array;
  /** Which of the scenarios' spots it is on, from zero. */
  readonly underlying: Int32Array;
  readonly strike: Float64Array;
  readonly expiry_years: Float64Array;
  readonly volatility: Float64Array;
  readonly rate: Float64Array;
  readonly dividend_yield: Float64Array;
}

/** Columns by underlying, then scenario: entry `underlying * scenarios + scenario`. */
export interface ScenarioColumns {
  readonly scenarios: number;
  /** Above zero. */
  readonly spot: Float64Array;
  /** The volatility becomes `(volatility + volatility_add) * volatility_factor`, but never below zero. */
  readonly volatility_add: Float64Array;
  readonly volatility_factor: Float64Array;
  /** Added to every option's rate; one entry per scenario. */
  readonly rate_add: Float64Array;
}

const ONE_OVER_ROOT_TWO_PI = 0.3989422804014327;
/** So many standard deviations out of the money nothing is left. */
const BEYOND = 39;

/** Most faults that a refusal names one by one. */
const NAMED = 20;

/** Checks all columns, and prepares what cells share. */
export function openRevaluation(options: OptionColumns, scenarios: ScenarioColumns): Priced<Revaluation> {
  const check = new InputCheck();
  checkLengths(options, scenarios, check);
  if (check.violations.length === 0) checkOptions(options, scenarios, check);
  if (check.violations.length === 0) checkScenarios(scenarios, check);
  if (check.violations.length > 0) return { kind: "refused", violations: check.violations };
  return { kind: "priced", value: new Revaluation(options, scenarios) };
}

/** Use {@link openRevaluation}, which checks what this rests on. */
export class Revaluation {
  readonly count: number;
  readonly scenarios: number;
  readonly #options: OptionColumns;
  readonly #shifts: ScenarioColumns;
  readonly #logSpot: Float64Array;
  /** Discount of the rate's shift to one expiry, by scenario. */
  readonly #discount: Float64Array;
  #discountedTo = Number.NaN;

  constructor(options: OptionColumns, scenarios: ScenarioColumns) {
    this.#options = options;
    this.#shifts = scenarios;
    this.count = options.strike.length;
    this.scenarios = scenarios.scenarios;
    this.#logSpot = scenarios.spot.map(fastLog);
    this.#discount = new Float64Array(scenarios.scenarios);
  }

  /**
   * Prices one option under every scenario, into `out` from `at` on. Options of equal expiry are fastest one after the other. A cell that no
   * double holds is NaN or infinite.
   */
  priceInto(option: number, out: Float64Array, at: number): void {
    const { side, underlying, strike, expiry_years, volatility, rate, dividend_yield } = this.#options;
    const years = expiry_years[option] ?? 0;
    const r = rate[option] ?? 0;
    const q = dividend_yield[option] ?? 0;
    const sign = (side[option] ?? 1) < 0 ? -1 : 1;
    const k = strike[option] ?? 0;
    this.#discountTo(years);
    const discount = this.#discount;
    const { spot, volatility_add, volatility_factor, rate_add } = this.#shifts;
    const held = fastExp(-q * years);
    const paid = k * fastExp(-r * years);
    const drift = (r - q) * years - fastLog(k);
    const root = Math.sqrt(years);
    const base = volatility[option] ?? 0;
    const from = (underlying[option] ?? 0) * this.scenarios;
    for (let n = 0; n < this.scenarios; n++) {
      const cell = from + n;
      const moved = (base + (volatility_add[cell] ?? 0)) * (volatility_factor[cell] ?? 1);
      const x = (this.#logSpot[cell] ?? 0) + drift + (rate_add[n] ?? 0) * years;
      out[at + n] = cellValue(sign, (spot[cell] ?? 0) * held, paid * (discount[n] ?? 1), x, moved > 0 ? moved * root : 0);
    }
  }

  #discountTo(years: number): void {
    if (years === this.#discountedTo) return;
    const { rate_add } = this.#shifts;
    for (let n = 0; n < this.scenarios; n++) this.#discount[n] = fastExp(-(rate_add[n] ?? 0) * years);
    this.#discountedTo = years;
  }
}

/** As {@link blackValue}, without its care for the last digits of small values. */
function cellValue(side: 1 | -1, forward: number, strike: number, x: number, s: number): number {
  const intrinsic = side * x > 0 ? side * (forward - strike) : 0;
  if (!(s > 0)) return intrinsic;
  const low = x > 0 ? strike : forward;
  const a = Math.abs(x) / s;
  const t = 0.5 * s;
  const z = a - t;
  if (z > BEYOND) return intrinsic;
  const density = low * ONE_OVER_ROOT_TWO_PI * fastExp(-0.5 * z * z);
  const near = millsRatio(Math.abs(z));
  const far = millsRatio(a + t);
  return intrinsic + (z >= 0 ? Math.max(density * (near - far), 0) : low - density * (near + far));
}

function checkLengths(
  options: OptionColumns,
  { scenarios, spot, volatility_add, volatility_factor, rate_add }: ScenarioColumns,
  check: InputCheck,
): void {
  const count = options.strike.length;
  for (const [name, { length }] of Object.entries(options))
    if (length !== count) check.refuse("INVALID_TERMS", name, length, "entries are not one per option", String(count));
  if (!(Number.isSafeInteger(scenarios) && scenarios > 0))
    check.refuse("INVALID_TERMS", "scenarios", scenarios, "is no number of scenarios", "a whole number above zero");
  else if (rate_add.length !== scenarios)
    check.refuse("INVALID_TERMS", "rate_add", rate_add.length, "entries are not one per scenario", String(scenarios));
  else if (spot.length % scenarios !== 0)
    check.refuse("INVALID_TERMS", "spot", spot.length, "entries are not one per underlying and scenario", `a multiple of ${scenarios}`);
  for (const [name, { length }] of Object.entries({ volatility_add, volatility_factor }))
    if (length !== spot.length) check.refuse("INVALID_TERMS", name, length, "entries are not as many as spots", String(spot.length));
}

function checkOptions(options: OptionColumns, { scenarios, spot }: ScenarioColumns, check: InputCheck): void {
  const underlyings = spot.length / scenarios;
  for (let n = 0; n < options.strike.length && check.violations.length < NAMED; n++) {
    const of = (name: string) => `${name}/${n}`;
    const at = (column: Float64Array) => column[n] ?? 0;
    const side = options.side[n] ?? 0;
    const underlying = options.underlying[n] ?? -1;
    if (side !== 1 && side !== -1) check.refuse("INVALID_TERMS", of("side"), side, "is neither call nor put", "1 or -1");
    if (!(underlying >= 0 && underlying < underlyings))
      check.refuse("INVALID_TERMS", of("underlying"), underlying, "has no spots", `0 to ${underlyings - 1}`);
    const { strike, volatility, expiry_years, rate, dividend_yield } = options;
    check.positive({ [of("strike")]: at(strike) }).expiry(at(expiry_years), of("expiry_years"));
    check.volatility(of("volatility"), at(volatility)).finite({ [of("rate")]: at(rate), [of("dividend_yield")]: at(dividend_yield) });
  }
}

function checkScenarios({ spot, volatility_add, volatility_factor, rate_add }: ScenarioColumns, check: InputCheck): void {
  for (let n = 0; n < spot.length && check.violations.length < NAMED; n++) {
    if (!((spot[n] ?? 0) > 0 && (spot[n] ?? 0) < Number.POSITIVE_INFINITY)) check.positive({ [`spot/${n}`]: spot[n] ?? 0 });
    if (!Number.isFinite(volatility_add[n])) check.finite({ [`volatility_add/${n}`]: volatility_add[n] ?? 0 });
    if (!Number.isFinite(volatility_factor[n])) check.finite({ [`volatility_factor/${n}`]: volatility_factor[n] ?? 0 });
  }
  for (let n = 0; n < rate_add.length && check.violations.length < NAMED; n++)
    if (!Number.isFinite(rate_add[n])) check.finite({ [`rate_add/${n}`]: rate_add[n] ?? 0 });
}
