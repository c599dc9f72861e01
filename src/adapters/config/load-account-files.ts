/** Reads the factor files and exchange rates that a config names, and collects what is wrong with them. */
import { resolve } from "node:path";
import { type FactorRow, factorText, parseFactorFile } from "../../core/market/factor-file.js";
import { type FxQuote, openFxSet } from "../../core/money/fx-set.js";
import { fxText, parseFxCsv } from "../../core/money/fx-text.js";
import type { Violation } from "../../core/quality/violation.js";
import type { FactorChoice, FxChoice } from "../../ports/config-source.js";
import type { FxFields } from "./account-schema.js";
import { readTextFile } from "./read-text-file.js";

const DEFAULT_MAX_AGE_HOURS = 120;
const MS_PER_HOUR = 3_600_000;

/** Tells a fault of the config itself, at a JSON pointer. */
export type Report = (code: string, pointer: string, message: string, value: string | undefined, expected: string) => void;

/** What the files hold; faults inside a file are told with its name, line and value. */
export class AccountFiles {
  readonly violations: Violation[] = [];
  readonly #folder: string;
  readonly #named: (absolute: string) => string;
  readonly #report: Report;

  constructor(folder: string, named: (absolute: string) => string, report: Report) {
    this.#folder = folder;
    this.#named = named;
    this.#report = report;
  }

  /** Ascending by symbol. */
  async factors(stated: { readonly [symbol: string]: string }): Promise<readonly FactorChoice[]> {
    const found: FactorChoice[] = [];
    for (const symbol of Object.keys(stated).sort()) {
      const path = stated[symbol] ?? "";
      const text = await this.#read(path, `/corporate_actions/${escaped(symbol)}`, "a factor file");
      if (text === null) continue;
      const file = this.#named(resolve(this.#folder, path));
      const parsed = parseFactorFile(text, file);
      if (parsed.kind === "invalid") this.violations.push(...parsed.violations);
      else found.push(choiceOf(symbol, file, parsed.rows));
    }
    return found;
  }

  /** @param partial whether rates were left out for faults of their own: what their absence would break is no further fault. */
  async rates(stated: FxFields, accountCurrency: string, partial: boolean): Promise<FxChoice | null> {
    const terms = { pivot: stated.pivot ?? accountCurrency, max_age_ms: (stated.max_age_hours ?? DEFAULT_MAX_AGE_HOURS) * MS_PER_HOUR };
    const quotes: FxQuote[] = (stated.rates ?? []).map(({ pair, rate }) => {
      const [base = "", quote = ""] = pair.split("/");
      return { base, quote, rate, at: null };
    });
    if (stated.file !== undefined) {
      const text = await this.#read(stated.file, "/fx/file", "a CSV file of rates");
      if (text === null) return null;
      const parsed = parseFxCsv(text, this.#named(resolve(this.#folder, stated.file)));
      if (parsed.kind === "invalid") {
        this.violations.push(...parsed.violations);
        return null;
      }
      quotes.push(...parsed.quotes);
    }
    if (partial) return null;
    if (quotes.length === 0) {
      this.#report("CONFIG_VALUE", "/fx", "the section states no rate", undefined, '"rates", or a "file" of dated rates');
      return null;
    }
    const opened = openFxSet(terms, quotes);
    if (opened.kind === "open") return { ...terms, text: fxText(terms, quotes) };
    for (const violation of opened.violations) {
      if (violation.line !== undefined) this.violations.push(violation);
      else this.#report(violation.code, "/fx/rates", violation.message, violation.value, violation.expected ?? "");
    }
    return null;
  }

  async #read(path: string, pointer: string, expected: string): Promise<string | null> {
    const absolute = resolve(this.#folder, path);
    const read = await readTextFile(absolute);
    if (read.kind === "read") return read.text;
    const { code, message } = read.violation;
    this.#report(code, pointer, message.replace(absolute, this.#named(absolute)), path, expected);
    return null;
  }
}

function choiceOf(symbol: string, file: string, rows: readonly FactorRow[]): FactorChoice {
  return { symbol, file, rows, text: factorText(rows) };
}

/** A key as a part of a JSON pointer. */
function escaped(key: string): string {
  return key.replaceAll("~", "~0").replaceAll("/", "~1");
}
