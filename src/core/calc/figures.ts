/** Numbers as they come out of a calculation, whatever its shape, and the checks that hold of any of them. */
import { sumCompensated } from "../numeric/compensated-sum.js";
import { noDuplicateKeys, verdict } from "../quality/patterns.js";
import type { QualityCategory, QualityResult } from "../quality/quality-result.js";
import type { CalcCheck } from "./calculation.js";
import type { CalcRow } from "./canonical-rows.js";

/** A check of figures: what it is told of is the subject, for example a run or a symbol. */
export type FigureCheck = CalcCheck<string>;

const FAIL = { status: "FAIL", severity: "ERROR" } as const;

/**
 * Every number, text and truth value inside a result, one row each: `figure` is its path (`buckets.3.count`), `value` the value. Functions
 * and symbols are no figures.
 */
export function figuresOf(result: unknown, path: string = ""): readonly CalcRow[] {
  const rows: CalcRow[] = [];
  collect(result, path, rows);
  return rows;
}

function collect(part: unknown, path: string, into: CalcRow[]): void {
  if (part === null || typeof part === "number" || typeof part === "string" || typeof part === "bigint" || typeof part === "boolean") {
    into.push({ figure: path, value: part });
    return;
  }
  if (typeof part !== "object") return;
  const within = path === "" ? "" : `${path}.`;
  if (Array.isArray(part) || ArrayBuffer.isView(part)) {
    Array.from(part as ArrayLike<unknown>).forEach((value, at) => {
      collect(value, `${within}${at}`, into);
    });
    return;
  }
  for (const [name, value] of part instanceof Map ? part : Object.entries(part)) collect(value, `${within}${String(name)}`, into);
}

/** `finite_figures`: no number is NaN, infinite or a negative zero. */
export const finiteFigures: FigureCheck = each("finite_figures", "INTEGRITY", "numbers that are not finite, or a negative zero", (row) =>
  Object.values(row).every((value) => typeof value !== "number" || (Number.isFinite(value) && !Object.is(value, -0))),
);

/** `unit_interval_{name}`: figures of that name, or in a list of that name, lie between 0 and 1. */
export function figuresWithinOne(...names: readonly string[]): readonly FigureCheck[] {
  return names.map((name) =>
    each(`unit_interval_${name}`, "BUSINESS_RULE", "values outside 0 to 1", (row) => {
      const value = valueAt(row, name);
      return value === null || (value >= 0 && value <= 1);
    }),
  );
}

/** `non_negative_{name}`: figures of that name, or in a list of that name, are not below zero. */
export function figuresFromZero(...names: readonly string[]): readonly FigureCheck[] {
  return names.map((name) =>
    each(`non_negative_${name}`, "INTEGRITY", "values below zero", (row) => {
      const value = valueAt(row, name);
      return value === null || value >= 0;
    }),
  );
}

/** How far shares that were computed in binary fractions may add up beside one, as those of volumes may. */
const SHARE_TOLERANCE = 0.001;

/** `shares_sum_to_one`: the figures of that name in a list add to one. A list without them, or of nulls, has nothing to add. */
export function figuresSumToOne(list: string, name: string): FigureCheck {
  const place = new RegExp(`(?:^|\\.)${list}\\.[0-9]+\\.${name}$`);
  return {
    name: "shares_sum_to_one",
    check: (rows, subject) => {
      const shares = rows.filter(({ figure, value }) => typeof value === "number" && place.test(String(figure ?? "")));
      const off = shares.length === 0 ? 0 : Math.abs(sumCompensated(shares.map(({ value }) => Number(value))) - 1);
      const message = `the shares of ${list} are ${off} from 1 in sum`;
      const facts = {
        check: "shares_sum_to_one",
        category: "BUSINESS_RULE",
        subject,
        measured: off,
        threshold: SHARE_TOLERANCE,
        message,
      } as const;
      return [verdict(facts, off <= SHARE_TOLERANCE, FAIL)];
    },
  };
}

/** `no_duplicate_keys`: the columns name each row once. */
export function oneRowPer(columns: readonly string[]): FigureCheck {
  return { name: "no_duplicate_keys", check: (rows, subject) => [noDuplicateKeys(rows, columns, subject)] };
}

/** A check that asks each row by itself. */
export function each(name: string, category: QualityCategory, broken: string, holds: (row: CalcRow) => boolean): FigureCheck {
  return {
    name,
    check: (rows, subject) => {
      const bad = rows.reduce((count, row) => (holds(row) ? count : count + 1), 0);
      const facts = { check: name, category, subject, measured: bad, threshold: 0, message: `${bad} ${broken}` } as const;
      return [verdict(facts, bad === 0, FAIL)];
    },
  };
}

function valueAt({ figure, value }: CalcRow, name: string): number | null {
  if (lastName(String(figure ?? "")) !== name) return null;
  return typeof value === "number" || typeof value === "bigint" || typeof value === "string" ? Number(value) : null;
}

/** The last part of a path that is no place in a list: `counts` of `months.counts.3`. */
function lastName(path: string): string {
  const parts = path.split(".");
  return parts.findLast((part) => !/^[0-9]+$/.test(part)) ?? path;
}

/** What the checks of a calculation say of figures that came out under a version. */
export function checkFigures(
  checks: readonly FigureCheck[],
  rows: readonly CalcRow[],
  { subject, version }: { readonly subject: string; readonly version: string },
): readonly QualityResult[] {
  return checks.flatMap(({ check }) => check(rows, subject, version));
}

/** A calculation made figures that its own checks refuse: a bug of the product, never a fact of the data. */
export class FigureCheckFailed extends Error {
  override readonly name = "FigureCheckFailed";
  readonly failed: readonly QualityResult[];

  constructor(calculation: string, failed: readonly QualityResult[]) {
    super(
      `${calculation} fails its own checks: ${failed.map(({ check, subject, message }) => `${check} of ${subject}, ${message}`).join("; ")}`,
    );
    this.failed = failed;
  }
}
