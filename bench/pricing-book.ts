/** The book, the scenarios and the quotes that the pricing trial works on, made by rule: the same on every machine. */
import { priceBlack76 } from "../src/core/risk/pricing/european-option.js";
import type { QuotedColumns } from "../src/core/risk/pricing/implied-volatility.js";
import type { OptionColumns, ScenarioColumns } from "../src/core/risk/pricing/revaluation.js";

const UNDERLYINGS = 20;
const EXPIRIES = 20;

/** Uniform numbers from a linear congruence: enough for a bench, and equal everywhere. */
class Rule {
  #state: number;
  constructor(seed: number) {
    this.#state = seed;
  }
  between(least: number, most: number): number {
    this.#state = (Math.imul(this.#state, 1_664_525) + 1_013_904_223) >>> 0;
    return least + ((most - least) * this.#state) / 4_294_967_296;
  }
}

/** Shared between threads, never copied. */
function doubles(length: number): Float64Array {
  return new Float64Array(new SharedArrayBuffer(8 * length));
}

/** Calls and puts from 70 % to 130 % of spots around 100, sorted by expiry from one to twenty months. */
export function makeBook(count: number): OptionColumns {
  const rule = new Rule(7);
  const side = new Int8Array(new SharedArrayBuffer(count));
  const underlying = new Int32Array(new SharedArrayBuffer(4 * count));
  const [strike, expiry_years, volatility, rate, dividend_yield] = [
    doubles(count),
    doubles(count),
    doubles(count),
    doubles(count),
    doubles(count),
  ];
  for (let n = 0; n < count; n++) {
    side[n] = n % 2 === 0 ? 1 : -1;
    underlying[n] = n % UNDERLYINGS;
    strike[n] = rule.between(70, 130);
    expiry_years[n] = (1 + Math.floor((n * EXPIRIES) / count)) / 12;
    volatility[n] = rule.between(0.1, 0.5);
    rate[n] = 0.03;
    dividend_yield[n] = rule.between(0, 0.03);
  }
  return { side, underlying, strike, expiry_years, volatility, rate, dividend_yield };
}

/** Spot, volatility and rate move in every scenario. */
export function makeScenarios(scenarios: number): ScenarioColumns {
  const rule = new Rule(11);
  const cells = UNDERLYINGS * scenarios;
  const [spot, volatility_add, volatility_factor, rate_add] = [doubles(cells), doubles(cells), doubles(cells), doubles(scenarios)];
  for (let n = 0; n < cells; n++) {
    spot[n] = rule.between(85, 115);
    volatility_add[n] = rule.between(-0.05, 0.05);
    volatility_factor[n] = rule.between(0.9, 1.1);
  }
  for (let n = 0; n < scenarios; n++) rate_add[n] = rule.between(-0.01, 0.01);
  return { scenarios, spot, volatility_add, volatility_factor, rate_add };
}

/** Options out of the money by up to half of the forward, and the volatilities that their prices were made with. */
export function makeQuotes(count: number): { readonly quotes: QuotedColumns; readonly volatility: Float64Array } {
  const rule = new Rule(13);
  const side = new Int8Array(count);
  const [forward, strike, expiry_years] = [new Float64Array(count), new Float64Array(count), new Float64Array(count)];
  const [undiscounted_price, volatility] = [new Float64Array(count), new Float64Array(count)];
  for (let n = 0; n < count; n++) {
    const call = n % 2 === 0;
    forward[n] = rule.between(80, 120);
    strike[n] = (forward[n] ?? 0) * (call ? rule.between(1, 1.5) : rule.between(0.65, 1));
    expiry_years[n] = rule.between(0.05, 3);
    volatility[n] = rule.between(0.1, 0.8);
    side[n] = call ? 1 : -1;
    const inputs = {
      right: call ? "call" : "put",
      forward: forward[n] ?? 0,
      strike: strike[n] ?? 0,
      expiry_years: expiry_years[n] ?? 0,
    } as const;
    const priced = priceBlack76({ ...inputs, volatility: volatility[n] ?? 0, rate: 0 });
    if (priced.kind === "refused") throw new Error(`quote ${n}: ${priced.violations[0]?.message}`);
    undiscounted_price[n] = priced.value.price;
  }
  return { quotes: { side, forward, strike, expiry_years, undiscounted_price }, volatility };
}
