/** Whether the account has lost too much to enter. */
import { type Amount, amountOf, largerOf, subtractAmounts } from "../../money/amount.js";
import { compareExact } from "../../money/decimal.js";
import { fractionFrom, fractionOf } from "../../money/fraction.js";
import type { Case } from "../case.js";
import type { CheckCode } from "../check-codes.js";
import { capWords } from "../contradictions.js";
import type { DrawdownScaling } from "../drawdown-scaling.js";
import { LimitGauge } from "../limit-gauge.js";
import type { Limit, Limits } from "../policy.js";
import type { Meter, Rule, RuleParts } from "../rule.js";

/** What the account is worth less than at its best, or than when the day began; 0 where it is worth more. */
function lossFrom(c: Case, best: bigint): Amount {
  return largerOf(0, subtractAmounts(amountOf(best), c.equity));
}

type LossName = "daily loss" | "drawdown";

/** What each loss is measured from. */
const BEST: Readonly<Record<LossName, { readonly name: string; readonly of: (c: Case) => bigint }>> = {
  "daily loss": { name: "equity when the day began", of: (c) => c.figures.day_start_equity },
  drawdown: { name: "peak equity", of: (c) => c.figures.peak_equity },
};

/** How much of a level of a loss is used. @param gauge of that level. */
export function lossMeter(what: LossName, limit: Limit, gauge: LimitGauge): Meter {
  const best = BEST[what].of;
  return {
    what,
    limit: capWords(limit),
    of: "account",
    read: (c) => {
      const level = gauge.levelFor(amountOf(best(c)), c.view);
      return level === null ? null : { value: lossFrom(c, best(c)), limit: level };
    },
  };
}

/** How much of a count of losing trades in a row is used. */
export function streakMeter(limit: number): Meter {
  return {
    what: "losing trades in a row",
    limit: `below ${limit} in a row`,
    of: "account",
    read: (c) => ({ value: c.figures.consecutive_losses, limit }),
  };
}

export function lossRules(parts: RuleParts): readonly Rule[] {
  const { daily_loss, drawdown, consecutive_losses } = parts.policy.limits;
  const rules: Rule[] = [];
  const add = (code: CheckCode, limits: Limits | undefined, what: LossName): void => {
    const { name: bestName, of: best } = BEST[what];
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
        shows: (c) => gauge.shows(what, lossFrom(c, best(c)), amountOf(best(c)), c.view),
        meter: lossMeter(what, limit, gauge),
      });
    }
  };
  add("DAILY_LOSS_LIMIT_EXCEEDED", daily_loss?.limit, "daily loss");
  add("DRAWDOWN_LIMIT_EXCEEDED", drawdown?.limit, "drawdown");
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
      shows: (c) => ({
        what: "losing trades in a row",
        value: String(c.figures.consecutive_losses),
        limit: String(limit),
        unit: null,
        passes: "below",
      }),
      meter: streakMeter(limit),
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
    shows: (c) => ({
      what: "what the drawdown leaves of a size",
      value: rowInForce(c)?.nothing === true ? "nothing" : "something",
      limit: "something",
      unit: null,
      passes: "is",
    }),
  };
}

function entersNothing({ multiply }: DrawdownScaling[number]): boolean {
  return compareExact(multiply, "0") === 0;
}
