import { loadInstruments } from "../../adapters/config/load-instruments.js";
import { shortestDecimal } from "../../adapters/config/schema-check.js";
import type { PriceBasis, Timeframe } from "../../core/market/bars.js";
import type { StatedInstrument } from "../../core/market/resolve-instrument.js";
import type { Violation } from "../../core/quality/violation.js";
import type { ImportBarsOptions } from "../../usecases/import-options.js";
import type { FlagValues } from "./command.js";
import type { FlagName } from "./flag-names.js";

export type ReadImportOptions =
  | { readonly kind: "read"; readonly options: ImportBarsOptions }
  | { readonly kind: "invalid"; readonly violations: readonly Violation[] };

const instrumentWords = [
  ["asset-class", "asset_class"],
  ["currency", "currency"],
  ["calendar", "calendar"],
  ["settlement", "settlement"],
] as const;
const instrumentSteps = [
  ["tick", "price_tick"],
  ["lot", "lot_step"],
  ["min-qty", "min_qty"],
  ["multiplier", "multiplier"],
] as const;

/** What the flags of `data import` and `data validate` say. */
export async function readImportOptions(files: readonly string[], flags: FlagValues): Promise<ReadImportOptions> {
  const violations: Violation[] = [];
  const symbol = oneSymbol(flags, violations);
  const columns = readColumns(flags.list("column"), violations);
  const instrument = await readInstrument(symbol, flags, violations);
  const sides = { bid: flags.list("bid"), ask: flags.list("ask") };
  const quoted = sides.bid.length + sides.ask.length > 0;
  if (files.length === 0 && !quoted) violations.push(usage("FILE", "no file is named", "a file of bars, or --bid FILE and --ask FILE"));
  if (files.length > 0 && quoted) violations.push(usage("FILE", "--bid and --ask take the place of FILE", "one or the other"));
  if (quoted && (sides.bid.length === 0 || sides.ask.length === 0))
    violations.push(usage("--bid", "one side is missing", "--bid FILE and --ask FILE"));
  if (violations.length > 0) return { kind: "invalid", violations };
  const { stamp, timeframe, ambiguous, epoch, price_mode, basis, content, header, format } = choices(flags);
  const options: ImportBarsOptions = {
    files: quoted ? sides : { bars: files },
    symbol,
    stamp,
    timeframe,
    ambiguous,
    epoch,
    price_mode,
    basis,
    content,
    header,
    format,
    columns,
    tz: flags.text("tz"),
    daily_close: flags.text("daily-close"),
    delimiter: flags.text("delimiter"),
    entry: flags.text("entry"),
    market: flags.text("market"),
    strict: flags.on("strict"),
    price_decimals: flags.number("price-decimals"),
    volume_decimals: flags.number("volume-decimals"),
    source_time: flags.number("source-time"),
    ...(instrument === undefined ? {} : { instrument }),
  };
  return { kind: "read", options };
}

/** The one symbol that is named, where at most one makes sense. */
export function oneSymbol(flags: FlagValues, violations: Violation[]): string | undefined {
  const [symbol, second] = flags.list("symbol");
  if (second !== undefined)
    violations.push({ ...usage("--symbol", "one symbol at a time", "one --symbol"), value: flags.list("symbol").join(", ") });
  return symbol;
}

function usage(field: string, message: string, expected: string): Violation {
  return { code: "USAGE", message, field, expected };
}

type Choices = Pick<
  ImportBarsOptions,
  "stamp" | "timeframe" | "ambiguous" | "epoch" | "price_mode" | "basis" | "content" | "header" | "format"
>;

/** The flag table has checked each value against the same words. */
function choices(flags: FlagValues): Choices {
  const text = <T extends string>(name: FlagName): T | undefined => flags.text(name) as T | undefined;
  return {
    stamp: text("stamp"),
    timeframe: text("timeframe"),
    ambiguous: text("ambiguous"),
    epoch: text("epoch"),
    price_mode: text("price-mode"),
    basis: text("basis"),
    content: text("content"),
    header: text("header"),
    format: text("reader"),
  };
}

function readColumns(given: readonly string[], violations: Violation[]): Readonly<Record<string, string>> {
  const columns: Record<string, string> = {};
  for (const pair of given) {
    const [, field, name] = /^([a-z_]+)=(.+)$/s.exec(pair) ?? [];
    if (field === undefined || name === undefined)
      violations.push({ ...usage("--column", `${JSON.stringify(pair)} maps nothing`, "FIELD=NAME, for example ts=Date"), value: pair });
    else columns[field] = name;
  }
  return columns;
}

/** Flags over the entry of the instruments file. Undefined where nobody says anything. */
async function readInstrument(
  symbol: string | undefined,
  flags: FlagValues,
  violations: Violation[],
): Promise<StatedInstrument | undefined> {
  const stated: { -readonly [K in keyof StatedInstrument]: StatedInstrument[K] } = {};
  const path = flags.text("instruments");
  if (path !== undefined) Object.assign(stated, await fromFile(path, symbol, violations));
  for (const [flag, field] of instrumentWords) {
    const value = flags.text(flag);
    if (value !== undefined) Object.assign(stated, { [field]: value });
  }
  for (const [flag, field] of instrumentSteps) {
    const value = flags.text(flag);
    if (value === undefined) continue;
    const decimal = shortestDecimal(value);
    if (decimal === null)
      violations.push({ ...usage(`--${flag}`, `${JSON.stringify(value)} is no decimal number`, "a decimal number such as 0.01"), value });
    else stated[field] = decimal;
  }
  return Object.keys(stated).length === 0 ? undefined : stated;
}

async function fromFile(path: string, symbol: string | undefined, violations: Violation[]): Promise<StatedInstrument> {
  if (symbol === undefined) {
    violations.push(usage("--symbol", "an instruments file needs a symbol to look up", "--symbol NAME"));
    return {};
  }
  const loaded = await loadInstruments(path, path);
  if (loaded.kind === "invalid") {
    violations.push(...loaded.violations);
    return {};
  }
  const { symbol: _, ...entry } = loaded.instruments.find((one) => one.symbol === symbol) ?? { symbol };
  return entry;
}

export function timeframeOf(flags: FlagValues): Timeframe | undefined {
  return flags.text("timeframe") as Timeframe | undefined;
}

export function basisOf(flags: FlagValues): PriceBasis | undefined {
  return flags.text("basis") as PriceBasis | undefined;
}
