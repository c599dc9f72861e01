/** Reads the parameters of a pipeline: every fault at once, unknown names with the nearest known one. */
import { formatDay, parseDay, weekdayOf } from "../../market/civil-date.js";
import { nearestName } from "../../quality/nearest-name.js";
import type { Violation } from "../../quality/violation.js";
import type { PipelineParameter } from "./pipelines.js";
import { parseTier, TIERS, type Tier } from "./tiers.js";
import { parseWeekEnding } from "./weeks.js";

/** Parameters as they were given, checked; what nobody gave is null. */
export interface PipelineValues {
  text(name: string): string | null;
  count(name: string): number | null;
  flag(name: string): boolean;
  /** The tier that was given, or all. */
  readonly tiers: readonly Tier[];
  readonly tier: Tier | null;
  /** Fridays, ascending: the one that was given, or those of the range. Empty where neither was. */
  readonly weeks: readonly string[];
}

const MOST_WEEKS = 10_000;

export function readParameters(
  known: readonly PipelineParameter[],
  given: readonly (readonly [name: string, value: string])[],
): { readonly kind: "values"; readonly values: PipelineValues } | { readonly kind: "invalid"; readonly violations: readonly Violation[] } {
  const found: Violation[] = [];
  const say = (code: string, field: string, message: string, expected: string, value?: string): void => {
    found.push({ code, field, message, expected, ...(value === undefined ? {} : { value }) });
  };
  const texts = new Map<string, string>();
  let tier: Tier | null = null;
  for (const [name, value] of given) {
    const parameter = known.find((one) => one.name === name);
    if (parameter === undefined) {
      const near = nearestName(
        name,
        known.map((one) => one.name),
      );
      const hint = near === null ? "" : `; did you mean ${near}?`;
      say("INVALID_PARAMS", name, `there is no parameter ${name}${hint}`, `one of ${known.map((one) => one.name).join(", ")}`, value);
      continue;
    }
    if (texts.has(name)) say("INVALID_PARAMS", name, `${name} is given twice`, "once", value);
    texts.set(name, value);
    const fault = checked(parameter, value);
    if (fault !== null) found.push(fault);
    if (parameter.kind === "tier") {
      const parsed = parseTier(value);
      if (parsed.kind === "tier") tier = parsed.tier;
    }
  }
  for (const { name, required, says } of known) if (required && !texts.has(name)) say("MISSING_REQUIRED", name, `${name} is missing`, says);
  const [from, to, week] = [texts.get("start_date"), texts.get("end_date"), texts.get("week_ending")];
  if ((from === undefined) !== (to === undefined))
    say("MISSING_REQUIRED", from === undefined ? "start_date" : "end_date", "a range has two ends", "start_date and end_date");
  if (from !== undefined && week !== undefined) say("INVALID_PARAMS", "week_ending", "a week and a range are given", "one of them", week);
  if (from !== undefined && to !== undefined) {
    const fault = rangeFault(from, to);
    if (fault !== null) say("INVALID_PARAMS", "end_date", fault, "a later day, at most 10,000 weeks after start_date", to);
  }
  if (found.length > 0) return { kind: "invalid", violations: found };
  const weeks = week === undefined ? fridays(from, to) : [week];
  return {
    kind: "values",
    values: {
      text: (name) => texts.get(name) ?? null,
      count: (name) => (texts.has(name) ? Number(texts.get(name)) : null),
      flag: (name) => isTrue(texts.get(name)),
      tiers: tier === null ? TIERS : [tier],
      tier,
      weeks,
    },
  };
}

function isTrue(text: string | undefined): boolean {
  return text === "true" || text === "1" || text === "yes";
}

function checked({ name, kind }: PipelineParameter, value: string): Violation | null {
  const fault = (message: string, expected: string): Violation => ({ code: "INVALID_PARAMS", field: name, message, value, expected });
  if (value === "") return fault(`${name} is empty`, "a value");
  switch (kind) {
    case "week": {
      const parsed = parseWeekEnding(value);
      return parsed.kind === "invalid" ? { ...parsed.violation, field: name } : null;
    }
    case "tier": {
      const parsed = parseTier(value);
      return parsed.kind === "invalid" ? { ...parsed.violation, field: name } : null;
    }
    case "day":
      return parseDay(value) === null ? { ...fault(`"${value}" is not a day`, "YYYY-MM-DD"), code: "INVALID_DATE" } : null;
    case "count":
      return /^[1-9][0-9]{0,6}$/.test(value) ? null : fault(`"${value}" is not a count`, "a whole number from 1");
    case "flag":
      return /^(?:true|false|1|0|yes|no)$/.test(value) ? null : fault(`"${value}" is neither true nor false`, "true or false");
    case "text":
    case "path":
      return null;
  }
}

/** What is wrong with a range of days; null where nothing is, or where one of them is no day at all. */
function rangeFault(from: string, to: string): string | null {
  const [first, last] = [parseDay(from), parseDay(to)];
  if (first === null || last === null) return null;
  if (last < first) return `the range ends on ${to}, before it begins on ${from}`;
  return last - first > MOST_WEEKS * 7 ? `from ${from} to ${to} are more than 10,000 weeks` : null;
}

/** The Fridays from one day to another, both included. */
function fridays(from: string | undefined, to: string | undefined): readonly string[] {
  const [first, last] = [parseDay(from ?? ""), parseDay(to ?? "")];
  if (first === null || last === null) return [];
  const weeks: string[] = [];
  for (let day = first; day <= last; day++) if (weekdayOf(day) === 5) weeks.push(formatDay(day));
  return weeks;
}
