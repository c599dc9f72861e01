/** Whether this instrument may be traded, and now. */
import { utcText } from "../../market/scan-time.js";
import type { Case } from "../case.js";
import type { CheckCode } from "../check-codes.js";
import type { Rule, RuleParts } from "../rule.js";

export function hoursRules({ policy }: RuleParts): readonly Rule[] {
  if (!policy.trading.hours_only) return [];
  return [
    {
      code: "OUTSIDE_TRADING_HOURS",
      stage: "guards",
      asked: "trades",
      fails: (c) => !c.view.isTrading(c.order.instrument),
      explain: (c) => `${c.units.symbol} has no session at ${utcText(c.view.now)}; orders pass within one`,
      shows: (c) => ({
        what: `session of ${c.units.symbol}`,
        value: c.view.isTrading(c.order.instrument) ? "open" : "closed",
        limit: "open",
        unit: null,
        passes: "is",
      }),
    },
  ];
}

export function symbolRules({ policy, instruments }: RuleParts): readonly Rule[] {
  const { blacklist, allowed } = policy.trading;
  const rules: Rule[] = [];
  const add = (code: CheckCode, refused: (symbol: string) => boolean, text: string, [good, bad]: readonly [string, string]): void => {
    const table = Uint8Array.from(instruments, ({ symbol }) => (refused(symbol) ? 1 : 0));
    rules.push({
      code,
      stage: "guards",
      asked: "entries",
      fails: (c: Case) => table[c.order.instrument] === 1,
      explain: (c: Case) => `${c.units.symbol} ${text}; orders that only reduce pass`,
      shows: (c: Case) => ({
        what: c.units.symbol,
        value: table[c.order.instrument] === 1 ? bad : good,
        limit: good,
        unit: null,
        passes: "is",
      }),
    });
  };
  if (blacklist.length > 0)
    add("SYMBOL_BLACKLISTED", (symbol) => blacklist.includes(symbol), "is on the policy's blacklist", ["not listed", "blacklisted"]);
  if (allowed !== null)
    add("SYMBOL_NOT_ALLOWED", (symbol) => !allowed.includes(symbol), "is not among the symbols that the policy allows", [
      "allowed",
      "not allowed",
    ]);
  return rules;
}
