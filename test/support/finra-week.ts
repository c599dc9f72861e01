import { readFileSync } from "node:fs";
import { basename } from "node:path";
import { WeeklyFileSource } from "../../src/adapters/finra/weekly-file-source.js";
import type { CalcRow } from "../../src/core/calc/canonical-rows.js";
import type { FinraCalculation, FinraInput, WeekPart } from "../../src/core/calc/finra-otc/finra-input.js";
import { FINRA_CALCULATIONS } from "../../src/core/calc/finra-otc/finra-registry.js";
import { type NormalisedWeek, normalise } from "../../src/core/calc/finra-otc/normalise.js";
import type { Tier } from "../../src/core/calc/finra-otc/tiers.js";
import type { WeeklyFile } from "../../src/core/calc/finra-otc/weekly-intake.js";

/** A weekly file's text in the compact shape. */
export function compactFile(
  week: string,
  rows: readonly (readonly [symbol: string, mpid: string, shares: string | number, trades: string | number])[],
  tier: string = "OTC",
): string {
  return ["WeekEnding|Tier|Symbol|MPID|TotalShares|TotalTrades", ...rows.map((row) => `${week}|${tier}|${row.join("|")}`), ""].join("\n");
}

export async function readWeekly(content: string | Uint8Array, name: string = "week.psv"): Promise<WeeklyFile> {
  const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
  const read = await new WeeklyFileSource().read({ kind: "api", file_name: name, content: bytes });
  if (read.kind === "refused") throw new Error(JSON.stringify(read.violations));
  return read.content.file;
}

export async function normalisedFile(path: string, week: string, tier: Tier): Promise<NormalisedWeek & { readonly file: WeeklyFile }> {
  const file = await readWeekly(readFileSync(path), basename(path));
  return { ...normalise(file.rows, file.layout, { week_ending: week, tier }), file };
}

/** A part of one capture, from rows. */
export function weekPart(
  week: string,
  tier: Tier,
  rows: readonly (readonly [symbol: string, mpid: string, shares: number, trades: number])[],
  captured = 1,
): WeekPart {
  return {
    capture_id: `capture:${tier}:${week}:${captured}`,
    captured_at: captured,
    week_ending: week,
    tier,
    rows: rows.map(([symbol, mpid, shares, trades], at) => ({ symbol, mpid, shares, trades, line: at + 2 })),
    grade: "A",
  };
}

export function finraInput(parts: readonly WeekPart[], more: Partial<FinraInput> = {}): FinraInput {
  const last = parts.at(-1);
  return { week_ending: last?.week_ending ?? "", tier: last?.tier ?? null, parts, calendar: null, ...more };
}

export function finraCalculation(name: string): FinraCalculation {
  const found = FINRA_CALCULATIONS.find((calc) => calc.calc_name === name);
  if (found === undefined) throw new Error(`no calculation ${name}`);
  return found;
}

/** Rows of one version of a calculation of the domain. */
export function computed(name: string, input: FinraInput, version?: string): readonly CalcRow[] {
  const calc = finraCalculation(name);
  const implementation = calc.implementations[version ?? calc.current];
  if (implementation === undefined) throw new Error(`no ${name} ${version}`);
  return implementation.compute(input);
}

/** Names of the checks of a calculation that do not pass on what it made, with their status. */
export function failedChecks(name: string, input: FinraInput, version?: string): readonly string[] {
  const calc = finraCalculation(name);
  const rows = computed(name, input, version);
  return calc.checks
    .flatMap((check) => check.check(rows, input, version ?? calc.current))
    .filter((result) => result.status !== "PASS")
    .map((result) => `${result.check} ${result.status} ${result.severity}`);
}
