import fc from "fast-check";
import { expect, test } from "vitest";
import { arbitraryPolicy } from "../../../test/support/arbitrary-policy.js";
import { CHECK_CODES } from "./check-codes.js";
import { rulesOf } from "./checks/rules-of.js";
import { percentWords } from "./contradictions.js";
import { describeChecks } from "./describe-checks.js";
import { unlimitedPolicy } from "./no-limits.js";
import type { RiskPolicy } from "./policy.js";
import { PRESETS, presetNamed } from "./policy-presets.js";

const account = { currency: "USD", scale: 2 };
const instruments = [
  { symbol: "AAPL", asset_class: "equity" },
  { symbol: "NG", asset_class: "future" },
] as const;

function said(policy: RiskPolicy): { readonly [code: string]: string } {
  const described = describeChecks(policy).filter(({ passes }) => passes.length > 0);
  return Object.fromEntries(described.map(({ code, passes }) => [code, passes.map(({ words }) => words).join("; ")]));
}

test("what is said to be asked is what the gate asks, and of exits where the gate judges exits", () => {
  fc.assert(
    fc.property(fc.oneof(arbitraryPolicy, fc.constantFrom(...PRESETS)), (policy) => {
      const rules = rulesOf({ policy, account, instruments });
      const described = describeChecks(policy);
      expect(described.map(({ code }) => code)).toEqual([...CHECK_CODES]);
      const asked = described.filter(({ state }) => state !== "off");
      expect(asked.map(({ code }) => code)).toEqual([...new Set(rules.map(({ code }) => code))]);
      for (const { code, exits, state } of asked) {
        const own = rules.filter((rule) => rule.code === code);
        expect({ code, exits, always: state === "always" }).toEqual({
          code,
          exits: own.some((rule) => rule.asked !== "entries"),
          always: own.some(({ stage }) => stage === "always"),
        });
        const [first] = own;
        if (first === undefined || first.stage === "always") continue;
        expect(state).toBe(policy.enforcement[first.stage] === "enforce" ? "enforced" : "observed");
      }
    }),
  );
});

// The numbers and comparisons of the systems that the presets come from.
test("the preset axiom lets pass what its guards let pass, exactly at a limit included", () => {
  expect(said(presetNamed("axiom") ?? unlimitedPolicy(""))).toEqual({
    ORDER_RATE_EXCEEDED: "at most 5 orders a minute",
    DAILY_LOSS_LIMIT_EXCEEDED: "at most 1000 EUR",
    DRAWDOWN_LIMIT_EXCEEDED: "at most 1500 EUR",
    CONSECUTIVE_LOSSES_EXCEEDED: "below 5 in a row",
    MAX_POSITION_PER_SYMBOL_EXCEEDED: "at most 100 units",
    MAX_POSITIONS_EXCEEDED: "at most 10 symbols",
    MAX_TOTAL_EXPOSURE_EXCEEDED: "gross at most 50000 EUR",
    SLIPPAGE_LIMIT_EXCEEDED: "at most 5 %",
  });
});

test("the preset vibe knows leverage 1, 100 000 a position, a drawdown of 20 % and a kill at 30 %", () => {
  const vibe = presetNamed("vibe") ?? unlimitedPolicy("");
  expect(said(vibe)).toEqual({
    DRAWDOWN_LIMIT_EXCEEDED: "at most 20 % of equity",
    MAX_POSITION_PER_SYMBOL_EXCEEDED: "at most 100000 in base currency",
    MAX_TOTAL_EXPOSURE_EXCEEDED: "gross at most 100 % of equity",
  });
  expect(vibe.limits.drawdown?.kill).toEqual([{ limit: { fraction: "0.3", fraction_of: "equity" }, comparison: "exceeds" }]);
});

test("the presets finam differ in groups and fractions, and only 1.5 refuses a daily loss at its limit", () => {
  expect(said(presetNamed("finam-1.4") ?? unlimitedPolicy(""))).toEqual({
    CORRELATED_EXPOSURE_EXCEEDED:
      "ENERGY (BR, NG) at most 200000 in base currency; FX_ENERGY (BR, NG, USDRUB) at most 200000 in base currency",
  });
  expect(said(presetNamed("finam-1.5") ?? unlimitedPolicy(""))).toEqual({
    DAILY_LOSS_LIMIT_EXCEEDED: "below 5 % of equity",
    DRAWDOWN_LIMIT_EXCEEDED: "at most 20 % of equity",
    MAX_POSITION_PER_SYMBOL_EXCEEDED: "at most 20 % of equity",
    MAX_TOTAL_EXPOSURE_EXCEEDED: "gross at most 60 % of equity",
  });
});

test.each([
  ["0.05", "5 %"],
  ["1", "100 %"],
  ["0.125", "12.5 %"],
  ["0.0005", "0.05 %"],
  ["12.5", "1250 %"],
  ["0.3", "30 %"],
] as const)("%s is %s", (fraction, words) => {
  expect(percentWords(fraction)).toBe(words);
});
