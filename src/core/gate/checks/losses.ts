/** Whether the account has lost too much to enter. */
import { type Amount, amountOf, largerOf, subtractAmounts } from "../../money/amount.js";
import { compareExact } from "../../money/decimal.js";
import { fractionFrom, fractionOf } from "../../money/fraction.js";
import type { Case } from "../case.js";
import type { CheckCode } from "../check-codes.js";
import type { DrawdownScaling } from "../drawdown-scaling.js";
import { LimitGauge } from "../limit-gauge.js";
import type { Limits } from "../policy.js";
import type { Rule, RuleParts } from "../rule.js";

/** What the account is worth less than at its best, or than when the day began; 0 where it is worth more. */
function lossFrom(c: Case, best: bigint): Amount {
  return largerOf(0, subtractAmounts(amountOf(best), c.equity));
}

export function lossRules(parts: RuleParts): readonly Rule[] {
  const { daily_loss, drawdown, consecutive_losses } = parts.policy.limits;
  const rules: Rule[] = [];
  const add = (code: CheckCode, limits: Limits | undefined, what: string, bestName: string, best: (c: Case) => bigint): void => {
    for (const limit of limits ?? []) {
      const gauge = new LimitGauge(limit, parts.account);
      rules.push({
        code,
        stage: "guards",
        asked: "entries",
        fails: (c) => {
          const loss = lossFrom(c, best(c));
          if (gauge.isBrokenBy(loss, amountOf(best(c)), c.view)) return true;
          c.uses(code, loss, gauge.level);
          return false;
        },
        explain: (c) => `${gauge.explain(what, lossFrom(c, best(c)), amountOf(best(c)), c.view, bestName)}, and orders that only reduce`,
      });
    }
  };
  add("DAILY_LOSS_LIMIT_EXCEEDED", daily_loss?.limit, "daily loss", "equity when the day began", (c) => c.figures.day_start_equity);
  add("DRAWDOWN_LIMIT_EXCEEDED", drawdown?.limit, "drawdown", "peak equity", (c) => c.figures.peak_equity);
  if (parts.policy.drawdown_scaling.some(entersNothing)) rules.push(scaledAwayRule(parts.policy.drawdown_scaling));
  const limit = consecutive_losses?.limit ?? null;
  if (limit !== null)
    rules.push({
      code: "CONSECUTIVE_LOSSES_EXCEEDED",
      stage: "guards",
      asked: "entries",
      fails: (c) => {
        const losses = c.figures.consecutive_losses;
        if (losses >= limit) return true;
        c.uses("CONSECUTIVE_LOSSES_EXCEEDED", losses, limit);
        return false;
      },
      explain: (c) =>
        `${c.figures.consecutive_losses} closed trades in a row lost, the limit is ${limit}; below that passes, and orders that only reduce`,
    });
  return rules;
}

/** Refuses where the row of the policy's table that is in force sizes entries to nothing, whatever an order's own size is. */
function scaledAwayRule(table: DrawdownScaling): Rule {
  const rows = table.map((row) => ({ from: fractionFrom(row.from), nothing: entersNothing(row) }));
  const rowInForce = (c: Case): (typeof rows)[number] | undefined => {
    const peak = amountOf(c.figures.peak_equity);
    const drawdown = lossFrom(c, c.figures.peak_equity);
    // An account without a positive peak has lost everything.
    return rows.findLast(({ from }) => peak <= 0 || drawdown >= fractionOf(from, peak, "up"));
  };
  return {
    code: "DRAWDOWN_LIMIT_EXCEEDED",
    stage: "guards",
    asked: "entries",
    fails: (c) => rowInForce(c)?.nothing === true,
    explain: (c) =>
      `from a drawdown of ${rowInForce(c)?.from.text ?? ""} of peak equity on the policy enters nothing; below that passes, and orders that only reduce`,
  };
}

function entersNothing({ multiply }: DrawdownScaling[number]): boolean {
  return compareExact(multiply, "0") === 0;
}
