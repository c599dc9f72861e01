/** Whether the account can pay for everything that it has ordered. Never switched off. */
import { formatBig } from "../../money/decimal.js";
import { type Rule, type RuleParts, UNKNOWN } from "../rule.js";

export function cashRules({ account }: RuleParts): readonly Rule[] {
  return [
    {
      code: "NEGATIVE_CASH",
      stage: "always",
      asked: "entries",
      fails: (c) => c.view.cash === null || !c.sound || c.view.shortfall(c.order, c.price) > 0n,
      explain: (c) => {
        if (c.view.cash === null || !c.sound) return UNKNOWN;
        const short = formatBig(c.view.shortfall(c.order, c.price), account.scale);
        return `once every open order has filled the account is short of means by ${short} ${account.currency}; it passes where that is 0`;
      },
      shows: (c) => ({
        what: "means short once every open order has filled",
        value: c.view.cash === null || !c.sound ? null : formatBig(c.view.shortfall(c.order, c.price), account.scale),
        limit: "0",
        unit: account.currency,
        passes: "at_most",
      }),
    },
  ];
}
