/** Which week and tier a weekly file is of. */
import { factsOfFileName } from "../core/calc/finra-otc/file-name.js";
import { PERIODS } from "../core/calc/finra-otc/periods.js";
import { parseTier, type Tier } from "../core/calc/finra-otc/tiers.js";
import type { WeeklyFile } from "../core/calc/finra-otc/weekly-intake.js";
import { parseWeekEnding } from "../core/calc/finra-otc/weeks.js";
import { formatDay, parseDay } from "../core/market/civil-date.js";
import type { Violation } from "../core/quality/violation.js";

/** What was asked for; each part wins over what the file's name and rows say. */
export interface TargetOptions {
  readonly tier?: string;
  readonly week_ending?: string;
  readonly file_date?: string;
}

/** What a file says of itself. */
export interface TargetFacts {
  readonly file_name: string;
  readonly file: Pick<WeeklyFile, "last_update" | "tiers" | "weeks"> & Partial<Pick<WeeklyFile, "rows" | "rejects">>;
}

export type WeeklyTarget =
  | { readonly kind: "target"; readonly tier: Tier; readonly week_ending: string; readonly publication: string | null }
  | { readonly kind: "invalid"; readonly violations: readonly Violation[] };

/** Partition of a file. What was asked for wins over the name, the name over the rows; a name that the rows contradict is refused. */
export function weeklyTarget(options: TargetOptions, { file_name, file }: TargetFacts): WeeklyTarget {
  const facts = factsOfFileName(file_name);
  const violations: Violation[] = [];
  const tier = tierOf(options, facts.tier, file, violations);
  const publication = options.file_date ?? facts.publication ?? file.last_update;
  const published = publication === null ? null : parseDay(publication);
  if (publication !== null && published === null)
    violations.push({
      code: "INVALID_DATE",
      message: `"${publication}" is not a day`,
      field: "file_date",
      value: publication,
      expected: "YYYY-MM-DD",
    });
  const weekly = PERIODS.get("weekly");
  const derived = published === null || weekly.kind === "unknown" ? null : formatDay(weekly.value.endBefore(published));
  const named = options.week_ending ?? facts.week_ending ?? (file.weeks.length === 1 ? file.weeks[0] : undefined) ?? derived;
  if (named === null || named === undefined) {
    violations.push({
      code: "MISSING_REQUIRED",
      message: `neither the file's name nor its rows tell its week${unreadable(file)}`,
      field: "week_ending",
      expected: "a Friday, stated",
    });
  } else {
    const week = parseWeekEnding(named);
    if (week.kind === "invalid") violations.push(week.violation);
    else if (tier !== null && violations.length === 0) return { kind: "target", tier, week_ending: week.text, publication };
  }
  return { kind: "invalid", violations };
}

function tierOf(options: TargetOptions, named: Tier | null, file: TargetFacts["file"], violations: Violation[]): Tier | null {
  if (options.tier !== undefined) {
    const parsed = parseTier(options.tier);
    if (parsed.kind === "tier") return parsed.tier;
    violations.push(parsed.violation);
    return null;
  }
  const [only] = file.tiers;
  if (named !== null && file.tiers.length > 0 && !file.tiers.includes(named)) {
    const message = `the file's name says ${named}, its rows say ${file.tiers.join(", ")}`;
    violations.push({ code: "TIER_CONFLICT", message, field: "tier", value: named, expected: "the tier, stated" });
    return null;
  }
  if (named !== null) return named;
  if (only !== undefined && file.tiers.length === 1) return only;
  violations.push({
    code: "MISSING_REQUIRED",
    message: `neither the file's name nor its rows tell one tier${unreadable(file)}`,
    field: "tier",
    expected: "NMS_TIER_1, NMS_TIER_2 or OTC",
  });
  return null;
}

/** Why the rows say nothing, where none of them could be read. */
function unreadable({ rows, rejects = [] }: TargetFacts["file"]): string {
  const [first] = rejects;
  if (rows === undefined || rows.length > 0 || first === undefined) return "";
  return `: no line of it can be read (line ${first.line}: ${first.reasons.map(({ detail }) => detail).join(", ")})`;
}
