/** Reads what a risk command is given: flags, positions and prices. Everything wrong with all of them is told at once. */
import { sha256, sha256Bytes } from "../../adapters/node-hash/sha256.js";
import { readPositions } from "../../adapters/risk-files/read-positions.js";
import { readPrices } from "../../adapters/risk-files/read-prices.js";
import { KNOWN_CURRENCIES } from "../../core/money/known-currencies.js";
import type { Violation } from "../../core/quality/violation.js";
import { confidenceErrors } from "../../core/risk/input-checks.js";
import type { MissingLevels } from "../../core/risk/portfolio/historical-scenarios.js";
import { currencyOf, type RiskPosition } from "../../core/risk/portfolio/position.js";
import { type BookRisk, bookRisk } from "../../core/risk/report/book-risk.js";
import { priceHistory } from "../../core/risk/report/price-history.js";
import { TAIL_METHODS, type TailMethod } from "../../core/risk/report/tail-methods.js";
import type { RiskError, RiskOutcome } from "../../core/risk/risk-outcome.js";
import type { FlagValues, Invocation } from "./command.js";
import { type Failure, failure } from "./failure.js";
import type { FlagName } from "./flag-names.js";

/** Content of the files that a document was made from. */
export interface RiskFiles {
  readonly positions: { readonly sha256: string };
  readonly prices: { readonly sha256: string };
}

/** A measured book, and how to tell where in its files something stands. */
export interface RiskInputs {
  readonly book: BookRisk;
  readonly files: RiskFiles;
  readonly method: TailMethod;
  /** `v1` where the method was asked for as version 1 had it. */
  readonly calc_version?: "v1";
  readonly confidence: string;
  readonly horizon_days: number;
  readonly placed: (error: RiskError) => Violation;
  /** The book of an earlier day of the prices. @param held positions of then; null for those of now */
  readonly earlier: (day: string, held: readonly RiskPosition[] | null) => RiskOutcome<BookRisk>;
}

const MISSING_LEVELS: readonly MissingLevels[] = ["reject", "carry_forward", "drop_scenario"];

const VERSION_ONE = "_v1";

export type ReadInputs = { readonly kind: "read"; readonly inputs: RiskInputs } | { readonly kind: "failed"; readonly failure: Failure };

/** @param help the command whose help says more. @param methods `all` takes those of version 1 too */
export async function riskInputs({ flags }: Invocation, help: string, methods: "all" | "current" = "current"): Promise<ReadInputs> {
  const violations: Violation[] = [];
  const stated_method = flags.text("method") ?? "historical";
  const old = stated_method.endsWith(VERSION_ONE);
  if (old && methods === "current") {
    const message = `${stated_method} measures one figure, no series of them`;
    violations.push({ code: "USAGE", message, field: "--method", value: stated_method, expected: TAIL_METHODS.join(", ") });
  }
  const named = (flag: FlagName, what: string): string | null => {
    const file = flags.text(flag);
    if (file === undefined) violations.push({ code: "USAGE", message: `--${flag} is missing`, field: `--${flag}`, expected: what });
    return file ?? null;
  };
  const positionsFile = named("positions", "a CSV or Parquet file of positions");
  const pricesFile = named("prices", "a CSV or Parquet file of levels by day");
  const confidence = confidenceFlag(flags, violations);
  const horizon_days = horizonFlag(flags, violations);
  const [positions, prices] = await Promise.all([
    positionsFile === null ? null : readPositions(positionsFile, sha256Bytes),
    pricesFile === null ? null : readPrices(pricesFile, sha256Bytes),
  ]);
  const stated = positions?.kind === "read" ? positions.positions : [];
  const currency = currencyFlag(flags, stated, violations);
  const usage = violations.length > 0;
  for (const read of [positions, prices]) if (read?.kind === "invalid") violations.push(...read.violations);
  if (violations.length > 0 || positions?.kind !== "read" || prices?.kind !== "read" || positionsFile === null || pricesFile === null)
    return { kind: "failed", failure: failure(usage ? "USAGE" : "DATA_INVALID", violations, help) };
  const missing = MISSING_LEVELS.find((policy) => policy === flags.text("missing-levels")) ?? "reject";
  const placed = (error: RiskError): Violation =>
    placeOf(error, { positionsFile, pricesFile, positions: positions.lines, prices: prices.lines });
  const history = priceHistory({ levels: prices.levels, positions: stated, currency, missing });
  const totals = flags.on("allow-missing") ? "priced_only" : "whole";
  const opened = bookRisk({ positions: stated, history, currency, totals, sha256 });
  if (!opened.ok) return { kind: "failed", failure: failure("DATA_INVALID", opened.errors.map(placed), help) };
  const earlier = (day: string, held: readonly RiskPosition[] | null): RiskOutcome<BookRisk> => {
    const levels = prices.levels.filter((level) => level.day <= day);
    // Scenarios of then must move what the positions of now need.
    const past = priceHistory({ levels, positions: [...stated, ...(held ?? [])], currency, missing });
    return bookRisk({ positions: held ?? stated, history: past, currency, totals, sha256 });
  };
  const files = { positions: { sha256: positions.sha256 }, prices: { sha256: prices.sha256 } };
  const method = TAIL_METHODS.find((name) => name === stated_method.replace(VERSION_ONE, "")) ?? "historical";
  const version = old ? ({ calc_version: "v1" } as const) : {};
  return { kind: "read", inputs: { book: opened.value, files, method, ...version, confidence, horizon_days, placed, earlier } };
}

/** "99%" is refused with the form that would do. */
export function confidenceFlag(flags: FlagValues, violations: Violation[]): string {
  const text = flags.text("confidence") ?? "0.99";
  for (const { code, message } of confidenceErrors(text)) {
    const percent = /^(\d{1,2}(?:\.\d+)?) ?%$/.exec(text)?.[1];
    const expected = percent === undefined ? "decimal text between 0 and 1, as 0.975" : `--confidence ${Number(percent) / 100}`;
    violations.push({ code, message, field: "--confidence", value: text, expected });
  }
  return text;
}

const LONGEST_HORIZON = 250;

function horizonFlag(flags: FlagValues, violations: Violation[]): number {
  const text = flags.text("horizon") ?? "1d";
  const days = Number(/^([1-9][0-9]{0,2})d$/.exec(text)?.[1] ?? "0");
  if (days >= 1 && days <= LONGEST_HORIZON) return days;
  const message = `${JSON.stringify(text)} is no horizon`;
  violations.push({ code: "USAGE", message, field: "--horizon", value: text, expected: `days from 1d to ${LONGEST_HORIZON}d` });
  return 1;
}

function currencyFlag(flags: FlagValues, positions: readonly RiskPosition[], violations: Violation[]): string {
  const codes = [...new Set(positions.map(currencyOf))].sort();
  const stated = flags.text("base-currency") ?? (codes.length === 1 ? codes[0] : undefined);
  const field = "--base-currency";
  if (stated === undefined && codes.length > 1) {
    const message = `the positions are in ${codes.join(", ")}`;
    violations.push({ code: "USAGE", message, field, expected: "the currency to report in" });
  } else if (stated !== undefined && !KNOWN_CURRENCIES.has(stated))
    violations.push({ code: "CURRENCY_UNKNOWN", message: `${stated} is no currency`, field, value: stated, expected: "a code as USD" });
  return stated ?? "";
}

interface Places {
  readonly positionsFile: string;
  readonly pricesFile: string;
  readonly positions: ReadonlyMap<string, number>;
  readonly prices: ReadonlyMap<string, number>;
}

/** An error of a measure with file, line and field. */
function placeOf({ code, message, details }: RiskError, { positionsFile, pricesFile, positions, prices }: Places): Violation {
  const path = details["field"] ?? "";
  const [head = "", id = ""] = path.split("/");
  const rest = {
    ...(details["value"] === undefined ? {} : { value: details["value"] }),
    ...(details["expected"] === undefined ? {} : { expected: details["expected"] }),
  };
  if (head === "positions") {
    const line = positions.get(id);
    const field = path.split("/").slice(2).join("/") || "id";
    return { code, message: `${id}: ${message}`, file: positionsFile, ...(line === undefined ? {} : { line }), field, ...rest };
  }
  const [, day = "", ...factor] = path.split("/");
  const line = head === "rows" ? prices.get(`${day} ${factor.join("/")}`) : undefined;
  const expected = head === "rows" ? { expected: "a level, or --missing-levels carry_forward or drop_scenario" } : {};
  return {
    code,
    message,
    file: pricesFile,
    ...(line === undefined ? {} : { line }),
    ...(path === "" ? {} : { field: path }),
    ...rest,
    ...expected,
  };
}
