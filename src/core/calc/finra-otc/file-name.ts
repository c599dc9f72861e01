import { formatDay, parseDay } from "../../market/civil-date.js";
import type { Tier } from "./tiers.js";

const OFFICIAL = /^finra_otc_weekly_(tier1|tier2|otc)_(\d{4})-?(\d{2})-?(\d{2})\.\w+$/i;
const BY_WEEK = /^(?:(nms_tier_1|nms_tier_2|otc)_)?week_(\d{4}-\d{2}-\d{2})\.\w+$/i;

const TIER_OF_NAME: Readonly<Record<string, Tier>> = {
  tier1: "NMS_TIER_1",
  tier2: "NMS_TIER_2",
  otc: "OTC",
  nms_tier_1: "NMS_TIER_1",
  nms_tier_2: "NMS_TIER_2",
};

/** What a file's name says; null where it says nothing. */
export interface FileNameFacts {
  readonly tier: Tier | null;
  /** `YYYY-MM-DD` on which the file was published. */
  readonly publication: string | null;
  /** `YYYY-MM-DD` of the week that the file holds. */
  readonly week_ending: string | null;
}

/** Reads `finra_otc_weekly_otc_20251215.csv`, the same with dashes in the date, and `week_2025-12-26.psv` with or without a tier before it. */
export function factsOfFileName(name: string): FileNameFacts {
  const official = OFFICIAL.exec(name);
  if (official !== null) {
    const date = `${official[2]}-${official[3]}-${official[4]}`;
    return { tier: tierOf(official[1]), publication: parseDay(date) === null ? null : date, week_ending: null };
  }
  const byWeek = BY_WEEK.exec(name);
  if (byWeek === null) return { tier: null, publication: null, week_ending: null };
  const week = byWeek[2] ?? "";
  return { tier: tierOf(byWeek[1]), publication: null, week_ending: parseDay(week) === null ? null : week };
}

function tierOf(word: string | undefined): Tier | null {
  return word === undefined ? null : (TIER_OF_NAME[word.toLowerCase()] ?? null);
}

/** Where a file is looked for when none is named: `data/finra/finra_otc_weekly_{tier}_{yyyymmdd}.csv`. @param publication day number. */
export function derivedPath(tier: Tier, publication: number): string {
  const word = tier === "OTC" ? "otc" : tier === "NMS_TIER_1" ? "tier1" : "tier2";
  return `data/finra/finra_otc_weekly_${word}_${formatDay(publication).replaceAll("-", "")}.csv`;
}
