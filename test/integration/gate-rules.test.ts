import { describe, expect, it } from "vitest";
import { fullPolicy } from "../../bench/full-policy.js";
import { CHECK_CODES } from "../../src/core/gate/check-codes.js";
import { rulesOf } from "../../src/core/gate/checks/rules-of.js";
import { describeChecks } from "../../src/core/gate/describe-checks.js";
import type { RiskPolicy } from "../../src/core/gate/policy.js";

const full = fullPolicy({ largest_order: "1", largest_position: "1", most_exposure: "1", symbols: ["AAA"], volume: true });
const everything: RiskPolicy = { ...full, trading: { ...full.trading, enabled: false, crossing: "refuse" } };
const rules = rulesOf({
  policy: everything,
  account: { currency: "USD", scale: 2 },
  instruments: [{ symbol: "AAA", asset_class: "equity" }],
});

describe("the rules of a policy that asks for everything", () => {
  it("cover every check, in the order of decision", () => {
    const codes = [...new Set(rules.map(({ code }) => code))];
    expect(codes).toEqual(CHECK_CODES);
  });

  it("refuse, observe and judge exits as the checks are described to people", () => {
    for (const { code, state, exits } of describeChecks(everything)) {
      const own = rules.filter((rule) => rule.code === code);
      expect(
        own.some((rule) => rule.stage === "always"),
        `${code} ${state}`,
      ).toBe(state === "always");
      expect(
        own.some((rule) => rule.asked !== "entries"),
        `${code} judges exits: ${exits}`,
      ).toBe(exits);
    }
  });
});
