/** What a policy limits, as meters: how much of each limit is used, by the rules that the gate asks and the levels that trip the switch. */
import type { CheckCode } from "./check-codes.js";
import { lossMeter, streakMeter } from "./checks/losses.js";
import { rulesOf } from "./checks/rules-of.js";
import { LimitGauge } from "./limit-gauge.js";
import type { Limits } from "./policy.js";
import type { Meter, RuleParts } from "./rule.js";

export interface LimitMeter extends Meter {
  /** The check that the limit belongs to; a kill level's is that of the switch. */
  readonly code: CheckCode;
  readonly level: "limit" | "kill";
  /** False where the policy only observes it. */
  readonly enforced: boolean;
}

/** Meters in the order of decision; the kill levels that are no limits as well follow. */
export function limitMeters(parts: RuleParts): readonly LimitMeter[] {
  const { policy } = parts;
  const rules = rulesOf(parts).flatMap(({ code, stage, meter }): LimitMeter[] => {
    if (meter === undefined) return [];
    return [{ ...meter, code, level: "limit", enforced: stage === "always" || policy.enforcement[stage] === "enforce" }];
  });
  if (!policy.kill_switch.enabled) return rules;
  const kills = killMeters(parts).filter(({ what, limit }) => !rules.some((rule) => rule.what === what && rule.limit === limit));
  const enforced = policy.enforcement.guards === "enforce";
  return [...rules, ...kills.map((meter): LimitMeter => ({ ...meter, code: "KILL_SWITCH_ACTIVE", level: "kill", enforced }))];
}

function killMeters({ policy, account }: RuleParts): readonly Meter[] {
  const { daily_loss, drawdown, consecutive_losses } = policy.limits;
  const of = (what: "daily loss" | "drawdown", kill: Limits): readonly Meter[] =>
    kill.map((limit) => lossMeter(what, limit, new LimitGauge(limit, account)));
  const streak = consecutive_losses?.kill ?? null;
  return [
    ...of("daily loss", daily_loss?.kill ?? []),
    ...of("drawdown", drawdown?.kill ?? []),
    ...(streak === null ? [] : [streakMeter(streak)]),
  ];
}
