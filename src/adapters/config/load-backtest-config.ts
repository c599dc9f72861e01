import { existsSync } from "node:fs";
import { dirname, relative, resolve } from "node:path";
import { CALENDAR_IDS } from "../../core/market/calendars/registry.js";
import type { Instrument } from "../../core/market/instrument.js";
import { currencyScale } from "../../core/money/currency.js";
import type { Violation } from "../../core/quality/violation.js";
import type { ReadSignal } from "../../core/signals/signal-csv.js";
import type { Json } from "../../core/tape/event.js";
import type { BacktestConfig, ConfigSource, DataChoice, FxChoice, LoadedConfig } from "../../ports/config-source.js";
import { readSignals } from "../signals/read-signals.js";
import { toFinancing, wholeFx } from "./account-terms.js";
import { checkExecution, resolveChoices, toChoices } from "./choices.js";
import { completeInstrument } from "./complete-instrument.js";
import { asConfigFile, type ConfigFile, configFileSchema } from "./config-file-schema.js";
import type { Draft } from "./draft.js";
import type { InstrumentEntry } from "./instruments-schema.js";
import { AccountFiles } from "./load-account-files.js";
import { loadInstruments } from "./load-instruments.js";
import { type LoadedRisk, loadRisk } from "./load-risk.js";
import { isTimeZone, parseMoment } from "./moment.js";
import { readTextFile } from "./read-text-file.js";
import { checkTree } from "./schema-check.js";
import { toSweepSection } from "./sweep-schema.js";
import { type LocatedNode, nodeAt, parseYaml, placeOf } from "./yaml-document.js";
import { toYardsticks } from "./yardstick-schema.js";

/** Reads YAML config files from disk. */
export const yamlConfigSource: ConfigSource = { load: (path) => loadBacktestConfig(path), resolve: resolveChoices };

/**
 * Reads a backtest's config and the instruments file that it names.
 *
 * Checks syntax, schema, paths, moments, time zones and doubles, and reports all faults of the files at once.
 *
 * @param environment where the stages of a risk policy may be switched.
 */
export async function loadBacktestConfig(path: string, environment: NodeJS.ProcessEnv = process.env): Promise<LoadedConfig> {
  const absolute = resolve(path);
  const file = named(absolute);
  const read = await readTextFile(absolute);
  if (read.kind === "unreadable")
    return { kind: "invalid", violations: [{ ...read.violation, file, message: read.violation.message.replace(absolute, file) }] };
  const parsed = parseYaml(file, read.text);
  if (parsed.kind === "invalid") return parsed;
  const { root } = parsed;
  const checked = checkTree(configFileSchema, root, file);
  const checks = new CrossChecks(file, dirname(absolute), root);
  const faulty = checked.violations.some(({ field }) => field?.startsWith("/instruments") === true);
  const entries = await checks.run(asDraft(checked.value), faulty);
  const account = await checks.account(asDraft(checked.value));
  const signals = await checks.signals(asDraft(checked.value));
  const { risk, sizing } = await checks.risk(asDraft(checked.value), entries, account.fx, environment);
  const violations = [...checked.violations, ...checks.violations];
  if (violations.length > 0) return { kind: "invalid", violations: inOrder(violations, file) };
  const stated = asConfigFile(checked.value);
  const config = { ...complete(absolute, sizing === null ? stated : { ...stated, sizing }, entries, signals), ...account, risk };
  return {
    kind: "loaded",
    config,
    locate: (pointer) => ({ file, ...placeOf(root, pointer) }),
    states: (pointer) => nodeAt(root, pointer) !== null,
  };
}

/** Faults of the config by place, then those of the files that it names. */
function inOrder(violations: readonly Violation[], file: string): readonly Violation[] {
  const rank = (violation: Violation): number => (violation.file === file ? 0 : 1);
  return [...violations].sort((a, b) => rank(a) - rank(b) || (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0));
}

/** A path as its user would write it: relative to the current folder where it lies below. */
function named(absolute: string): string {
  const short = relative(process.cwd(), absolute);
  return short === "" || short.startsWith("..") ? absolute : short;
}

/** Fills in the defaults of the file format. */
function complete(
  path: string,
  stated: ConfigFile,
  entries: readonly InstrumentEntry[],
  signals: readonly ReadSignal[] | null,
): Omit<BacktestConfig, keyof ReadAccount | "risk"> {
  const folder = dirname(path);
  const data = stated.data.map((entry): DataChoice => {
    const file = entry.file === undefined ? null : resolve(folder, entry.file);
    return {
      symbol: entry.symbol,
      set: entry.set ?? "latest",
      price_mode: entry.price_mode,
      basis: entry.basis ?? "trade",
      quotes: entry.quotes === undefined ? null : { bid: entry.quotes.bid ?? "latest", ask: entry.quotes.ask ?? "latest" },
      file,
      import:
        file === null
          ? null
          : { stamp: entry.import?.stamp ?? "close", tz: entry.import?.tz ?? "UTC", columns: entry.import?.columns ?? {} },
    };
  });
  data.sort((left, right) => (left.symbol < right.symbol ? -1 : 1));
  return {
    path,
    strategy: named(resolve(folder, stated.strategy ?? stated.signals ?? "")),
    signals,
    params: asParams(stated.params ?? {}),
    data,
    timeframe: stated.timeframe ?? "1m",
    from: stated.from === undefined ? null : parseMoment(stated.from, "from"),
    to: stated.to === undefined ? null : parseMoment(stated.to, "to"),
    max_bars: stated.max_bars ?? null,
    account: {
      currency: stated.account.currency,
      cash: stated.account.cash,
      scale: stated.account.scale ?? currencyScale(stated.account.currency),
    },
    instruments: instrumentsOf(
      data.map(({ symbol }) => symbol),
      entries,
      stated.account.currency,
    ),
    unstated: data.map(({ symbol }) => symbol).filter((symbol) => !entries.some((entry) => entry.symbol === symbol)),
    ...toChoices(stated.execution, stated.sizing),
    on_end: stated.on_end ?? "keep",
    financing: stated.financing === undefined ? null : toFinancing(stated.financing),
    forbid_flips: stated.forbid_flips ?? false,
    ...toYardsticks(stated),
    time_budget_ms: stated.time_budget_ms ?? 5000,
    append: stated.append ?? "block",
    sweep: stated.sweep === undefined ? null : toSweepSection(stated.sweep),
  };
}

/** What stands in files beside the config. */
type ReadAccount = Pick<BacktestConfig, "corporate_actions" | "fx">;

function instrumentsOf(symbols: readonly string[], entries: readonly InstrumentEntry[], currency: string): readonly Instrument[] {
  return symbols.flatMap((symbol) => {
    const resolved = completeInstrument(entries.find((entry) => entry.symbol === symbol) ?? { symbol }, currency);
    return resolved.kind === "resolved" ? [resolved.instrument] : [];
  });
}

function asDraft(checked: Json): Draft<ConfigFile> {
  return checked !== null && typeof checked === "object" && !Array.isArray(checked) ? (checked as Draft<ConfigFile>) : {};
}

/** The checks that a schema cannot make. They run on what the schema check left whole, so that all faults are told at once. */
class CrossChecks {
  readonly violations: Violation[] = [];
  readonly #file: string;
  readonly #folder: string;
  readonly #root: LocatedNode;

  constructor(file: string, folder: string, root: LocatedNode) {
    this.#file = file;
    this.#folder = folder;
    this.#root = root;
  }

  /**
   * @param faulty whether the instruments have faults of their own: then what they leave open is no fault of the data.
   * @returns the instruments that the file states or names.
   */
  async run(draft: Draft<ConfigFile>, faulty: boolean): Promise<readonly InstrumentEntry[]> {
    this.#strategy(draft);
    for (const [index, entry] of (draft.data ?? []).entries()) this.#data(entry ?? {}, index, draft);
    const from = this.#moment(draft.from, "from");
    const to = this.#moment(draft.to, "to");
    if (from !== null && to !== null && from > to)
      this.#report("CONFIG_VALUE", "/to", "`to` lies before `from`", draft.to, `a moment after ${draft.from ?? ""}`);
    const split = draft.out_of_sample_from;
    if (split !== undefined && parseMoment(split, "from") === null)
      this.#report("CONFIG_VALUE", "/out_of_sample_from", `${split} is no day of the calendar`, split, "a date that exists");
    this.#cash(draft.account?.cash, draft.account?.scale ?? currencyScale(draft.account?.currency ?? ""));
    for (const { code, field, message, value, expected } of checkExecution(draft.execution ?? {}, this.#file, "/execution"))
      this.#report(code, field ?? "", message, value, expected ?? "");
    const before = this.violations.length;
    const entries = await this.#entries(draft.instruments ?? []);
    if (faulty || this.violations.length > before) return entries;
    for (const [index, entry] of (draft.data ?? []).entries())
      if (entry?.symbol !== undefined) this.#tradable(entry.symbol, index, entries);
    return entries;
  }

  /** Reads factor files and exchange rates. */
  async account(draft: Draft<ConfigFile>): Promise<ReadAccount> {
    const files = new AccountFiles(this.#folder, named, (...fault) => this.#report(...fault));
    const symbols = (draft.data ?? []).flatMap((entry) => entry?.symbol ?? []);
    const factors = Object.entries(draft.corporate_actions ?? {}).flatMap(([symbol, file]) =>
      file == null ? [] : [[symbol, file] as const],
    );
    for (const [symbol] of factors) {
      const entry = draft.data?.find((data) => data?.symbol === symbol);
      const at = `/corporate_actions/${symbol.replaceAll("~", "~0").replaceAll("/", "~1")}`;
      if (entry === undefined) this.#report("UNKNOWN_SYMBOL", at, `"data" has no entry for ${symbol}`, symbol, symbols.join(", "));
      else if (entry?.price_mode === "adjusted") {
        const message = `the prices of ${symbol} are adjusted: they carry dividends and splits already, and would count them twice`;
        this.#report("ACTIONS_ON_ADJUSTED", at, message, "adjusted", "price_mode: raw, or no factor file");
      }
    }
    for (const symbol of Object.keys(draft.financing?.borrow_rates ?? {})) {
      if (!symbols.includes(symbol))
        this.#report("UNKNOWN_SYMBOL", "/financing/borrow_rates", `"data" has no entry for ${symbol}`, symbol, symbols.join(", "));
    }
    const corporate_actions = await files.factors(Object.fromEntries(factors));
    const whole = draft.fx == null ? null : wholeFx(draft.fx);
    const partial = whole !== null && whole.rates?.length !== (draft.fx?.rates ?? []).length;
    const fx = whole === null ? null : await files.rates(whole, draft.account?.currency ?? "", partial);
    this.violations.push(...files.violations);
    return { corporate_actions, fx };
  }

  /** Reads the risk policies. What has faults of its own is not held against them. */
  async risk(
    { risk, data, account, sizing, fx }: Draft<ConfigFile>,
    entries: readonly InstrumentEntry[],
    rates: FxChoice | null,
    environment: NodeJS.ProcessEnv,
  ): Promise<LoadedRisk> {
    const names = [risk?.policy ?? []].flat().filter((name) => name !== null);
    const symbols = (data ?? []).map((entry) => entry?.symbol ?? null);
    const sound = symbols.length > 0 && !symbols.includes(null);
    const context = {
      folder: this.#folder,
      environment,
      currency: account?.currency,
      fx: fx === undefined ? null : (rates ?? undefined),
      symbols: sound ? [...new Set([...symbols.filter((symbol) => symbol !== null), ...entries.map(({ symbol }) => symbol)])] : null,
      sized: sizing !== undefined,
    };
    return loadRisk(names, context, (...fault) => this.#report(...fault), this.violations);
  }

  /** Reads the signals; null where the config names none. */
  async signals({ signals, data }: Draft<ConfigFile>): Promise<readonly ReadSignal[] | null> {
    if (signals === undefined) return null;
    const path = resolve(this.#folder, signals);
    const read = await readSignals(path, named(path));
    if (read.kind === "unreadable") {
      this.#report(read.violation.code, "/signals", read.violation.message, signals, read.violation.expected ?? "");
      return null;
    }
    if (read.kind === "invalid") {
      this.violations.push(...read.violations);
      return null;
    }
    const symbols = (data ?? []).flatMap((entry) => entry?.symbol ?? []);
    for (const { symbol, line } of read.signals) {
      if (symbols.includes(symbol)) continue;
      const message = `"data" has no entry for ${symbol}`;
      this.violations.push({
        code: "UNKNOWN_SYMBOL",
        message,
        file: named(path),
        line,
        field: "Symbol",
        value: symbol,
        expected: symbols.join(", "),
      });
    }
    return read.signals;
  }

  async #entries(stated: string | Draft<InstrumentEntry[]>): Promise<readonly InstrumentEntry[]> {
    if (typeof stated === "string") return this.#instrumentsFile(stated);
    const entries = stated.filter((entry): entry is InstrumentEntry => entry?.symbol !== undefined);
    this.#distinct(entries, (index) => `/instruments/${index}`);
    return entries;
  }

  #strategy({ strategy, signals }: Draft<ConfigFile>): void {
    this.#existing(strategy, "/strategy", "a strategy's TypeScript file");
    const expected = "either strategy or signals";
    if (strategy !== undefined && signals !== undefined)
      this.#report("CONFIG_VALUE", "/signals", "the config names a strategy and signals", signals, expected);
    else if (strategy === undefined && signals === undefined && !this.#stated("/strategy") && !this.#stated("/signals"))
      this.#report(
        "CONFIG_MISSING_KEY",
        "/strategy",
        'the key "strategy" is missing',
        undefined,
        "a strategy's TypeScript file, or signals",
      );
  }

  #stated(pointer: string): boolean {
    return nodeAt(this.#root, pointer) !== null;
  }

  #tradable(symbol: string, index: number, entries: readonly InstrumentEntry[]): void {
    const at = `/data/${index}/symbol`;
    const entry = entries.find((stated) => stated.symbol === symbol);
    // What the config leaves open may have been recorded with the bars: that is seen when the run is prepared.
    if (entry === undefined) return;
    const resolved = completeInstrument(entry, "");
    if (resolved.kind === "unknown") {
      const message = `nothing says when ${symbol} trades: it names no coin or currency pair, and "instruments" states no calendar for it`;
      this.#report(resolved.reason.code, at, message, symbol, `an entry in "instruments" with a calendar: ${CALENDAR_IDS.join(", ")}`);
    } else if (resolved.kind === "invalid") {
      for (const { code, message, value, expected } of resolved.violations)
        this.#report(code, at, `${symbol}: ${message}`, value, expected ?? "");
    }
  }

  #report(code: string, field: string, message: string, value: string | undefined, expected: string): void {
    this.violations.push({
      code,
      message,
      file: this.#file,
      ...placeOf(this.#root, field),
      field,
      expected,
      ...(value === undefined ? {} : { value }),
    });
  }

  #existing(stated: string | undefined, field: string, expected: string): void {
    if (stated === undefined) return;
    const path = resolve(this.#folder, stated);
    if (!existsSync(path)) this.#report("FILE_NOT_FOUND", field, `${named(path)} does not exist`, stated, expected);
  }

  #cash(cash: string | undefined, scale: number): void {
    if ((cash?.split(".")[1]?.length ?? 0) <= scale) return;
    this.#report(
      "CONFIG_VALUE",
      "/account/cash",
      `${cash} has more than ${scale} digits after the point`,
      cash,
      `at most ${scale} digits after the point, or a larger "scale"`,
    );
  }

  #moment(text: string | undefined, edge: "from" | "to"): number | null {
    if (text === undefined) return null;
    const moment = parseMoment(text, edge);
    if (moment === null)
      this.#report("CONFIG_VALUE", `/${edge}`, `${text} is no moment of the calendar`, text, "a date or time that exists");
    return moment;
  }

  #data(entry: Draft<ConfigFile["data"][number]>, index: number, draft: Draft<ConfigFile>): void {
    const at = `/data/${index}`;
    const first = (draft.data ?? []).findIndex((other) => other?.symbol === entry.symbol);
    if (entry.symbol !== undefined && first < index) {
      this.#report(
        "CONFIG_VALUE",
        `${at}/symbol`,
        `${entry.symbol} stands here and in /data/${first}`,
        entry.symbol,
        "one entry per symbol",
      );
    }
    this.#existing(entry.file, `${at}/file`, "a file of bars");
    if (entry.import === undefined) return;
    if (entry.file === undefined)
      this.#report("CONFIG_VALUE", `${at}/import`, "import options stand here without a file", undefined, 'the key "file" beside them');
    const { tz } = entry.import;
    if (tz !== undefined && !isTimeZone(tz))
      this.#report("CONFIG_VALUE", `${at}/import/tz`, `${tz} is no time zone`, tz, "an IANA time zone such as America/New_York");
  }

  #distinct(entries: readonly InstrumentEntry[], pointer: (index: number) => string): void {
    for (const [index, { symbol }] of entries.entries()) {
      const first = entries.findIndex((entry) => entry.symbol === symbol);
      if (first < index)
        this.#report("CONFIG_VALUE", pointer(index), `the instrument ${symbol} is stated twice`, symbol, "one entry per symbol");
    }
  }

  async #instrumentsFile(stated: string): Promise<readonly InstrumentEntry[]> {
    const path = resolve(this.#folder, stated);
    const read = await loadInstruments(path, named(path));
    if (read.kind === "loaded") return read.instruments;
    for (const violation of read.violations) {
      if (violation.line !== undefined) this.violations.push(violation);
      else this.#report(violation.code, "/instruments", violation.message, stated, violation.expected ?? "an instruments file");
    }
    return [];
  }
}

/** The schema check made plain JSON of every parameter. */
function asParams(checked: { readonly [name: string]: unknown }): { readonly [name: string]: Json } {
  return checked as { readonly [name: string]: Json };
}
