/** Whether the account may trade at all. */
import type { Rule, RuleParts, Shown } from "../rule.js";

export function standingRules({ policy }: RuleParts): readonly Rule[] {
  const rules: Rule[] = [];
  if (policy.kill_switch.enabled)
    rules.push({
      code: "KILL_SWITCH_ACTIVE",
      stage: "guards",
      asked: "trades",
      fails: (c) => c.figures.kill_switch_active,
      explain: () => "the kill switch is active; cancels pass, and orders again once it is reset",
      shows: (c) => standing("kill switch", c.figures.kill_switch_active ? "tripped" : "armed", "armed"),
    });
  if (policy.daily_freeze.enabled)
    rules.push({
      code: "DAILY_FREEZE_ACTIVE",
      stage: "guards",
      asked: "entries",
      fails: (c) => c.figures.daily_freeze_active,
      explain: () => "the account is frozen until its next session day; orders that only reduce pass",
      shows: (c) => standing("daily freeze", c.figures.daily_freeze_active ? "frozen" : "open", "open"),
    });
  if (!policy.trading.enabled)
    rules.push({
      code: "TRADING_DISABLED",
      stage: "guards",
      asked: "entries",
      fails: () => true,
      explain: () => "the policy disables trading; orders that only reduce pass",
      shows: () => standing("trading", "disabled", "enabled"),
    });
  return rules;
}

function standing(what: string, value: string, limit: string): Shown {
  return { what, value, limit, unit: null, passes: "is" };
}
