/** Values that rows are asked for by: a tier in any of its spellings, a week that is a Friday, everything else as it stands. */
import type { Violation } from "../../quality/violation.js";
import { parseTier } from "./tiers.js";
import { parseWeekEnding } from "./weeks.js";

type Asked = { readonly [column: string]: string | number };

/** The values as rows hold them, or everything that no row can hold. */
export function askedValues(
  where: Asked,
): { readonly kind: "values"; readonly where: Asked } | { readonly kind: "invalid"; readonly violations: readonly Violation[] } {
  const violations: Violation[] = [];
  const { tier, week_ending } = where;
  const found: { [column: string]: string | number } = { ...where };
  if (tier !== undefined) {
    const parsed = parseTier(String(tier));
    if (parsed.kind === "tier") found["tier"] = parsed.tier;
    else violations.push(parsed.violation);
  }
  if (week_ending !== undefined) {
    const parsed = parseWeekEnding(String(week_ending));
    if (parsed.kind === "invalid") violations.push(parsed.violation);
  }
  return violations.length > 0 ? { kind: "invalid", violations } : { kind: "values", where: found };
}
