/** Whether the account may trade at all. */
import type { Rule, RuleParts } from "../rule.js";

export function standingRules({ policy }: RuleParts): readonly Rule[] {
  const rules: Rule[] = [];
  if (policy.kill_switch.enabled)
    rules.push({
      code: "KILL_SWITCH_ACTIVE",
      stage: "guards",
      asked: "trades",
      fails: (c) => c.figures.kill_switch_active,
      explain: () => "the kill switch is active; cancels pass, and orders again once it is reset",
    });
  if (policy.daily_freeze.enabled)
    rules.push({
      code: "DAILY_FREEZE_ACTIVE",
      stage: "guards",
      asked: "entries",
      fails: (c) => c.figures.daily_freeze_active,
      explain: () => "the account is frozen until its next session day; orders that only reduce pass",
    });
  if (!policy.trading.enabled)
    rules.push({
      code: "TRADING_DISABLED",
      stage: "guards",
      asked: "entries",
      fails: () => true,
      explain: () => "the policy disables trading; orders that only reduce pass",
    });
  return rules;
}
