/** Reads and judges a weekly file, all that can be done of it without the log. */
import type { NormalisedWeek } from "../core/calc/finra-otc/normalise.js";
import type { Tier } from "../core/calc/finra-otc/tiers.js";
import { tradeRowSet } from "../core/calc/finra-otc/trade-row-set.js";
import type { Sha256Fn, Sha256Hex } from "../core/tape/hash.js";
import type { WeeklyContent, WeeklySource } from "../ports/weekly-source.js";
import type { WeekRequest } from "../ports/weeks-ahead.js";
import { judgeWeek } from "./normalise-week.js";
import { weeklyTarget } from "./weekly-target.js";

export interface ReadWeek {
  readonly content: WeeklyContent;
  readonly partition: { readonly week_ending: string; readonly tier: Tier };
  readonly week: NormalisedWeek;
  readonly row_set: Sha256Hex;
}

/** Null where the file cannot be read, or has no one week and tier. */
export async function readWeekAhead(
  { weekly, hash }: { readonly weekly: WeeklySource; readonly hash: Sha256Fn },
  { path, ...options }: WeekRequest,
): Promise<ReadWeek | null> {
  const read = await weekly.read({ kind: "file", path });
  if (read.kind === "refused") return null;
  const { content } = read;
  const target = weeklyTarget(options, content);
  if (target.kind === "invalid") return null;
  const partition = { week_ending: target.week_ending, tier: target.tier };
  const week = judgeWeek(content.file, partition);
  return { content, partition, week, row_set: tradeRowSet(week.rows, hash) };
}
