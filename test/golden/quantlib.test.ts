/** Random options, day counts and bonds against QuantLib, where python3 (or `ONETAPE_PYTHON`) has it. */
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { americanPrice } from "../../src/core/risk/pricing/american-option.js";
import { priceBachelier } from "../../src/core/risk/pricing/bachelier-option.js";
import type { BondTerms } from "../../src/core/risk/pricing/bond-flows.js";
import { bondAtYield } from "../../src/core/risk/pricing/bond-yield.js";
import { type PlainDayCount, yearsBetween } from "../../src/core/risk/pricing/day-count.js";
import { priceBlackScholes } from "../../src/core/risk/pricing/european-option.js";
import type { OptionValue } from "../../src/core/risk/pricing/option-value.js";
import { pricedValue } from "../support/priced.js";

const python = process.env["ONETAPE_PYTHON"] ?? "python3";

/** A linear congruence: the same cases in every run. */
let state = 20_261_121;
function between(least: number, most: number): number {
  state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
  return least + ((most - least) * state) / 4_294_967_296;
}
const whole = (least: number, most: number) => Math.floor(between(least, most + 1));
const oneOf = <T>(list: readonly T[]): T => list[whole(0, list.length - 1)] as T;
const times = <T>(count: number, make: () => T): readonly T[] => Array.from({ length: count }, make);

const option = () => ({
  right: oneOf(["call", "put"] as const),
  spot: between(50, 150),
  strike: between(50, 150),
  expiry_years: between(0.02, 8),
  volatility: between(0.05, 0.9),
  rate: between(-0.02, 0.1),
  dividend_yield: between(-0.02, 0.1),
});
const options = times(300, option);
const normal = times(300, () => ({ ...option(), forward: between(-5, 5), strike: between(-5, 5), normal_volatility: between(0.1, 4) }));
const american = times(60, () => {
  const days = whole(20, 1500);
  return { ...option(), rate: between(0.001, 0.1), dividend_yield: between(0.001, 0.1), days, expiry_years: days / 365 };
});
const counts = times(600, () => {
  const start = whole(9_000, 22_000);
  return {
    count: oneOf<PlainDayCount>(["ACT/360", "ACT/365F", "ACT/ACT ISDA", "30/360", "30U/360", "30E/360"]),
    start,
    end: start + whole(1, 4_000),
  };
});
// Early in a month, where both agree on the periods to a payment, with a short first period that has passed at settlement.
const MATURITIES = [23_380, 23_501, 23_623, 23_746, 24_111, 24_841] as const;
const bonds = times(200, () => {
  const maturity = oneOf(MATURITIES);
  const effective = 17_900;
  const day_count = oneOf<BondTerms["day_count"]>(["ACT/ACT ICMA", "30/360", "30E/360"]);
  const per_year = oneOf([1, 2, 4] as const);
  const settlement = whole(18_400, 22_000);
  const stub = "short_first" as const;
  const plain = { face: 100, end_of_month: false, convention: "unadjusted" as const, calendar: null };
  return {
    ...plain,
    coupon_rate: between(0.005, 0.09),
    per_year,
    effective,
    maturity,
    day_count,
    stub,
    settlement,
    yield: between(-0.01, 0.12),
  };
});

interface Answers {
  readonly version: string;
  readonly black_scholes: readonly OptionValue[];
  readonly bachelier: readonly number[];
  readonly american: readonly number[];
  readonly years: readonly number[];
  readonly bonds: readonly Readonly<Record<"accrued" | "dirty_price" | "modified_duration" | "macaulay_duration" | "convexity", number>>[];
}

function ask(): Answers | string {
  const probe = spawnSync(python, ["-c", "import QuantLib"], { encoding: "utf8" });
  if (probe.status !== 0) return `${python} has no QuantLib; set ONETAPE_PYTHON to one that has`;
  const script = fileURLToPath(new URL("quantlib-oracle.py", import.meta.url));
  const input = JSON.stringify({ options, normal, american, counts, bonds });
  const done = spawnSync(python, [script], { encoding: "utf8", input, maxBuffer: 1 << 26 });
  if (done.status !== 0) throw new Error(done.stderr);
  return JSON.parse(done.stdout) as Answers;
}

const answers = ask();

describe("QuantLib", () => {
  const compared = (name: string, body: (found: Answers) => void) =>
    test(name, (context) => {
      if (typeof answers === "string") context.skip(`not compared: ${answers}`);
      body(answers as Answers);
    });
  const near = (found: number, expected: number, size: number, what: unknown) =>
    expect(Math.abs(found - expected) <= size, `${found} is not within ${size} of ${expected}: ${JSON.stringify(what)}`).toBe(true);

  compared("gives the same prices and Greeks of European options", ({ black_scholes }) => {
    for (const [n, one] of options.entries()) {
      const value = pricedValue(priceBlackScholes(one));
      const expected = black_scholes[n];
      if (expected === undefined) throw new Error("no answer");
      for (const name of ["price", "delta", "gamma", "vega", "theta", "rho", "rho_carry"] as const)
        near(value[name], expected[name], 2e-13 * Math.max(1, Math.abs(expected[name]), name === "rho" || name === "rho_carry" ? 100 : 0), [
          name,
          one,
        ]);
    }
  });

  compared("gives the same prices in the normal model", ({ bachelier }) => {
    for (const [n, one] of normal.entries()) near(pricedValue(priceBachelier(one)).price, bachelier[n] ?? Number.NaN, 1e-13, one);
  });

  compared("gives the same prices of American options, within the lattice's budget", ({ american: expected }) => {
    for (const [n, one] of american.entries())
      near(pricedValue(americanPrice(one)), expected[n] ?? Number.NaN, 3e-5 * Math.max(one.spot, one.strike), one);
  });

  compared("counts days alike", ({ years }) => {
    for (const [n, { count, start, end }] of counts.entries())
      near(yearsBetween(count, start, end), years[n] ?? Number.NaN, 1e-13, counts[n]);
  });

  compared("gives the same accrued interest, prices, durations and convexities of bonds", ({ bonds: expected }) => {
    for (const [n, bond] of bonds.entries()) {
      const value = pricedValue(bondAtYield(bond, bond.settlement, bond.yield, "street"));
      const answer = expected[n];
      if (answer === undefined) throw new Error("no answer");
      for (const name of ["accrued", "dirty_price", "modified_duration", "macaulay_duration", "convexity"] as const)
        near(value[name], answer[name], 1e-11 * Math.max(1, Math.abs(answer[name])), [name, bond]);
    }
  });
});
