/** What keeps a config, a strategy and stored bars from making a run together; each fault with its place in the config. */
import type { ExecutionConfig } from "../core/engine/run-config.js";
import type { Instrument } from "../core/market/instrument.js";
import { unitsOf } from "../core/money/units.js";
import type { Violation } from "../core/quality/violation.js";
import { needsVolume } from "../core/venue/slippage.js";
import type { BarsFound } from "../ports/bar-library.js";
import type { LoadedConfig } from "../ports/config-source.js";
import type { LoadedStrategy } from "../ports/strategy-source.js";

export type Located = Extract<LoadedConfig, { kind: "loaded" }>;

/** Gives a fault the place of its pointer in the config, unless it has one of its own or is the fault of a flag. */
export function placed(violation: Violation, loaded: Located, pointer: string): Violation {
  if (violation.file !== undefined || pointer.startsWith("--")) return violation;
  const place = loaded.locate(pointer);
  return place === null ? violation : { ...violation, ...place };
}

/** The instruments of a run, ascending by symbol. */
export interface TradedInstruments {
  readonly instruments: readonly Instrument[];
  readonly violations: readonly Violation[];
}

/** What the config states wins over what an import recorded, which wins over a guess. Nobody's word is a fault, and so is a foreign currency without exchange rates. */
export function tradedInstruments(loaded: Located, bars: readonly BarsFound[]): TradedInstruments {
  const { config } = loaded;
  const instruments: Instrument[] = [];
  const violations: Violation[] = [];
  for (const [i, { symbol }] of config.data.entries()) {
    const guess = config.instruments.find((x) => x.symbol === symbol);
    const recorded = config.unstated.includes(symbol) ? (bars.find(({ columns }) => columns.symbol === symbol)?.instrument ?? null) : null;
    const instrument = recorded ?? guess;
    const field = `/data/${i}/symbol`;
    if (instrument === undefined) {
      violations.push({
        code: "INSTRUMENT_UNKNOWN",
        message: `nothing says when ${symbol} trades: neither "instruments" nor the import of its bars states a calendar, and its name tells none`,
        field,
        value: symbol,
        expected: 'an entry in "instruments" with a calendar',
      });
      continue;
    }
    instruments.push(instrument);
    if (instrument.currency === config.account.currency || config.fx !== null) continue;
    violations.push({
      code: "NO_FX_RATE",
      message: `${symbol} trades in ${instrument.currency}, the account is kept in ${config.account.currency}, and the config states no exchange rates`,
      field,
      value: instrument.currency,
      expected: `a section "fx" with ${instrument.currency}/${config.account.currency}, or an account in ${instrument.currency}`,
    });
  }
  return { instruments, violations: violations.map((v) => placed(v, loaded, v.field ?? "")) };
}

/** Faults between a strategy's declaration and the config. */
export function universeFaults(strategy: LoadedStrategy, loaded: Located): readonly Violation[] {
  const { universe, timeframe } = strategy.definition.meta;
  const { config } = loaded;
  const offered = new Set(config.data.map((d) => d.symbol));
  const faults: Violation[] = [];
  for (const symbol of universe) {
    if (offered.has(symbol)) continue;
    faults.push({
      code: "DATA_MISSING_FOR_SYMBOL",
      message: `the strategy trades ${symbol}, but "data" has no entry for it; add one, or take it out of the strategy's universe`,
      field: "/data",
      value: [...offered].join(", "),
      expected: universe.join(", "),
    });
  }
  for (const [i, { symbol }] of config.data.entries()) {
    if (universe.includes(symbol)) continue;
    faults.push({
      code: "UNKNOWN_SYMBOL",
      message: `the strategy does not trade ${symbol}; its universe is ${universe.join(", ")}`,
      field: `/data/${i}/symbol`,
      value: symbol,
      expected: universe.join(", "),
    });
  }
  if (config.timeframe !== timeframe) {
    faults.push({
      code: "TIMEFRAME_MISMATCH",
      message: `the strategy is made for ${timeframe} bars, the config asks for ${config.timeframe}`,
      field: "/timeframe",
      value: config.timeframe,
      expected: timeframe,
    });
  }
  return faults.map((f) => placed(f, loaded, f.field ?? ""));
}

/** Faults between a strategy, an instrument and its bars. */
export function dataFaults(
  strategy: LoadedStrategy,
  traded: readonly Instrument[],
  { columns }: BarsFound,
  loaded: Located,
): readonly Violation[] {
  const faults: Violation[] = [];
  const i = loaded.config.data.findIndex((d) => d.symbol === columns.symbol);
  if (strategy.definition.meta.required_fields.includes("volume") && !columns.has_volume) {
    faults.push({
      code: "FIELD_MISSING",
      message: `the strategy needs volume, but the data set of ${columns.symbol} has none`,
      field: `/data/${i}`,
      expected: "a data set with volume",
    });
  }
  const instrument = traded.find((x) => x.symbol === columns.symbol);
  if (instrument !== undefined) {
    try {
      unitsOf(instrument, columns.price_scale, loaded.config.account.scale);
    } catch (error) {
      faults.push({
        code: "INSTRUMENT_UNITS",
        message: `${columns.symbol}: ${error instanceof Error ? error.message : String(error)}; the bars have ${columns.price_scale} decimals`,
        field: "/instruments",
        expected: `tick, lot and multiplier that fit prices with ${columns.price_scale} decimals`,
      });
    }
  }
  return faults.map((f) => placed(f, loaded, f.field ?? ""));
}

/** Rules that need a bar's volume, where a data set tells none. */
export function volumeFaults(
  { participation, slippage }: Pick<ExecutionConfig, "participation" | "slippage">,
  bars: readonly BarsFound[],
  loaded: Located,
): readonly Violation[] {
  const without = bars.filter(({ columns }) => !columns.has_volume).map(({ columns }) => columns.symbol);
  if (without.length === 0) return [];
  const rules = [
    ...(participation === null ? [] : [{ rule: `participation ${participation}`, field: "/execution/participation" }]),
    ...(needsVolume(slippage) ? [{ rule: `slippage ${slippage.model}`, field: "/execution/slippage" }] : []),
  ];
  return rules.map(({ rule, field }) =>
    placed(
      {
        code: "VOLUME_MISSING",
        message: `${rule} needs the volume of each bar, and the data of ${without.join(", ")} have none`,
        field,
        value: without.join(", "),
        expected: "data sets with volume, or another rule",
      },
      loaded,
      field,
    ),
  );
}

/** No bar is left to deliver. */
export function noBars(loaded: Located): Violation {
  return placed(
    {
      code: "NO_BARS",
      message: "no bar lies inside the sessions and limits that were asked for; widen from/to or max_bars, or trade session: all",
      field: "/data",
      expected: "at least one bar",
    },
    loaded,
    "/data",
  );
}
