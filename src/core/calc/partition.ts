/** A partition of a domain's data, and how far its captures have come. */
import { canonicalJson } from "../tape/canonical-json.js";

/** One week of one tier; all tiers of the week where the tier is null. */
export type Partition = { readonly week_ending: string; readonly tier: string | null };

/** Stages in their order. */
export const STAGES = ["PENDING", "INGESTED", "NORMALIZED", "AGGREGATED", "ROLLING", "SNAPSHOT"] as const;
export type Stage = (typeof STAGES)[number];

/** 0 for PENDING, then one more per stage. */
export function stageRank(stage: Stage): number {
  return STAGES.indexOf(stage);
}

/** The one spelling of a partition: canonical JSON with sorted keys, `{"tier":"OTC","week_ending":"2025-12-26"}`. */
export function partitionKey({ week_ending, tier }: Partition): string {
  const text = canonicalJson(tier === null ? { week_ending } : { week_ending, tier });
  if (!text.ok) throw new RangeError("a partition is plain text");
  return text.text;
}
