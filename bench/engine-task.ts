import { sha256, sha256Bytes } from "../src/adapters/node-hash/sha256.js";
import { bundleStrategy } from "../src/adapters/strategy-loader/bundle-strategy.js";
import { DEFAULT_EXECUTION, DEFAULT_SIZING, type RunConfig } from "../src/core/engine/run-config.js";
import type { RiskPolicy } from "../src/core/gate/policy.js";
import type { BarColumns } from "../src/core/market/bars.js";
import { calendarById } from "../src/core/market/calendars/registry.js";
import { columnSetId, type SessionMode, sessionRanges } from "../src/core/market/column-set.js";
import type { Instrument } from "../src/core/market/instrument.js";
import type { Json } from "../src/core/tape/event.js";
import type { EngineTask } from "../src/ports/engine-host.js";
import { taskInstrument } from "../src/usecases/prepare-run.js";
import { runStartedOf } from "../src/usecases/run-identity.js";

export interface TaskOptions {
  readonly strategy: string;
  readonly params: { readonly [name: string]: Json };
  /** Ascending by symbol. */
  readonly columns: readonly BarColumns[];
  readonly instrument: Omit<Instrument, "symbol" | "guessed">;
  readonly cash: string;
  /** Decimals of balances. */
  readonly scale: number;
  readonly fees: RunConfig["execution"]["fees"];
  readonly qty: string;
  readonly on_end?: RunConfig["on_end"];
  readonly session?: SessionMode;
  readonly risk?: RiskPolicy;
}

/** A run that fills at the close of the bar it was decided on, without slippage, from bars in memory. */
export async function engineTask(options: TaskOptions): Promise<EngineTask> {
  const { columns, instrument } = options;
  const bundling = await bundleStrategy(options.strategy);
  if (bundling.kind === "refused") throw new Error(bundling.violations.map((v) => v.message).join("\n"));
  const { code, source_sha256 } = bundling.bundle;
  const symbols = columns.map((c) => c.symbol);
  const calendar = calendarById(instrument.calendar);
  const delivered = columns.map((c) => ({ columns: c, sessions: sessionRanges(c, calendar, options.session ?? "all") }));
  const timeframe = columns[0]?.timeframe ?? "1m";
  const config: RunConfig = {
    strategy: { name: "bench", version: "1.0.0", params: options.params },
    timeframe,
    data: delivered.map(({ columns: c, sessions }) => {
      const [first, last] = [sessions[0], sessions.at(-1)];
      const end = last === undefined ? 0 : last.first_row + last.row_count;
      const { symbol, price_mode, basis } = c;
      const first_row = first?.first_row ?? 0;
      return { symbol, timeframe, price_mode, basis, column_set: columnSetId(c, sha256Bytes), first_row, row_count: end - first_row };
    }),
    instruments: symbols.map((symbol) => ({ ...instrument, symbol, guessed: [] })),
    account: { currency: instrument.currency, cash: options.cash, scale: options.scale },
    execution: { ...DEFAULT_EXECUTION, fill_timing: "signal_close", fees: options.fees },
    sizing: { ...DEFAULT_SIZING, mode: "fixed", qty: options.qty },
    on_end: options.on_end ?? "keep",
    research: timeframe !== "1m",
    periods_per_year: 365,
    ...(options.risk === undefined ? {} : { risk: options.risk }),
  };
  return {
    // The files name one symbol; which ones are traded is the workload's.
    bundle: code.replaceAll('["DEMO"]', JSON.stringify(symbols)),
    append: "block",
    tape: true,
    instruments: delivered.map(({ columns: c, sessions }) => taskInstrument({ hashBytes: sha256Bytes }, c, sessions)),
    inputs: {},
    started: runStartedOf(config, source_sha256, delivered, sha256),
    config,
  };
}
