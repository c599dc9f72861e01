import { CHECK_CODES } from "../check-codes.js";
import { foreignCurrency } from "../limit-gauge.js";
import type { RiskPolicy } from "../policy.js";
import type { Rule, RuleParts } from "../rule.js";
import { cashRules } from "./cash.js";
import { correlationRules, exposureRules, flipRules, heatRules, positionRules } from "./exposure.js";
import { flowRules } from "./flow.js";
import { inputRules, readinessRules } from "./inputs.js";
import { lossRules } from "./losses.js";
import { shapeRules } from "./order-shape.js";
import { fatFingerRules, notionalRules } from "./order-size.js";
import { hoursRules, symbolRules } from "./permission.js";
import { collarRules, selfCrossRules, slippageRules } from "./prices.js";
import { standingRules } from "./standing.js";

/** Every rule that a policy asks for, in the order of decision. */
export function rulesOf(parts: RuleParts): readonly Rule[] {
  const rules = [
    ...standingRules(parts),
    ...shapeRules(),
    ...hoursRules(parts),
    ...symbolRules(parts),
    ...flowRules(parts),
    ...inputRules(parts, currenciesOf(parts.policy, parts.account.currency)),
    ...readinessRules(parts),
    ...collarRules(parts),
    ...selfCrossRules(parts),
    ...flipRules(parts),
    ...lossRules(parts),
    ...notionalRules(parts),
    ...fatFingerRules(parts),
    ...positionRules(parts),
    ...exposureRules(parts),
    ...correlationRules(parts),
    ...heatRules(parts),
    ...cashRules(parts),
    ...slippageRules(parts),
  ];
  const place = new Map(CHECK_CODES.map((code, i) => [code, i]));
  return rules.sort((left, right) => (place.get(left.code) as number) - (place.get(right.code) as number));
}

/** Currencies other than the account's in which a policy limits what is traded, ascending. */
function currenciesOf({ limits }: RiskPolicy, own: string): readonly string[] {
  const lists = [
    limits.daily_loss?.limit ?? [],
    limits.drawdown?.limit ?? [],
    limits.notional_min,
    limits.notional_max,
    limits.risk_per_trade,
    limits.position_value,
    limits.gross_exposure,
    limits.net_exposure,
    ...Object.values(limits.asset_class_exposure),
    ...limits.correlation_groups.map((group) => group.limits),
    limits.portfolio_heat,
  ];
  return [...new Set(lists.flat().map((limit) => foreignCurrency(limit, own)))].filter((currency) => currency !== null).sort();
}
