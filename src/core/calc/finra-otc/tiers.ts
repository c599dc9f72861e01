import type { Violation } from "../../quality/violation.js";

/** One spelling of the domain; tables derive their prefix from it. */
export const FINRA_OTC = "finra.otc_transparency";

export type Tier = "NMS_TIER_1" | "NMS_TIER_2" | "OTC";

/** Every tier, ascending. */
export const TIERS: readonly Tier[] = ["NMS_TIER_1", "NMS_TIER_2", "OTC"];

const ALIASES: ReadonlyMap<string, Tier> = new Map([
  ["nms_tier_1", "NMS_TIER_1"],
  ["tier1", "NMS_TIER_1"],
  ["nms_tier_2", "NMS_TIER_2"],
  ["tier2", "NMS_TIER_2"],
  ["otc", "OTC"],
]);

const IN_FILES: ReadonlyMap<string, Tier> = new Map([
  ["NMS Tier 1", "NMS_TIER_1"],
  ["NMS Tier 2", "NMS_TIER_2"],
  ["OTC", "OTC"],
  ["OTC Other", "OTC"],
]);

/** The tier that a user names: `OTC`, `tier1`, `nms_tier_2`, in either case. */
export function parseTier(
  text: string,
): { readonly kind: "tier"; readonly tier: Tier } | { readonly kind: "invalid"; readonly violation: Violation } {
  const tier = ALIASES.get(text.trim().toLowerCase());
  if (tier !== undefined) return { kind: "tier", tier };
  return {
    kind: "invalid",
    violation: {
      code: "INVALID_TIER",
      message: `Invalid tier "${text}"`,
      field: "tier",
      value: text,
      expected: `one of ${TIERS.join(", ")} (also otc, tier1, tier2)`,
    },
  };
}

/** The tier that a cell of a file names, or null: an unknown one is never taken for another. */
export function tierOfCell(text: string): Tier | null {
  return IN_FILES.get(text.trim()) ?? null;
}
