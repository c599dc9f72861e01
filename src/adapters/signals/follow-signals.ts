/** Makes a strategy of a file of bracket signals: what runs, is identified and is replayed like any other. */
import type { SignalSet } from "../../ports/strategy-source.js";

/** Name of the strategy that a run of signals has. */
export const SIGNALS_STRATEGY = "bracket-signals";

/** The files of the strategy that follows signals; its entry is `strategy.ts`. They depend on the signals, the symbols and the timeframe alone. */
export function signalStrategyFiles({ signals, symbols, timeframe }: SignalSet): ReadonlyMap<string, string> {
  const rows = Object.fromEntries(symbols.map((symbol) => [symbol, signals.filter((s) => s.symbol === symbol).map(withoutLine)]));
  return new Map([
    ["strategy.ts", SOURCE],
    ["signals.json", `${JSON.stringify({ timeframe, symbols, signals: rows }, null, 1)}\n`],
  ]);
}

function withoutLine({ line: _, ...signal }: SignalSet["signals"][number]): object {
  return signal;
}

const SOURCE = `import { boolean, choice, defineStrategy } from "onetape/strategy";
import file from "./signals.json";

const MINUTES = { "1m": 1, "5m": 5, "15m": 15, "1h": 60, "1d": 1440 };

/** Places each signal's brackets at the close of the first bar that closes at its time or after it. */
export default defineStrategy({
  meta: {
    name: "${SIGNALS_STRATEGY}",
    version: "1.0.0",
    universe: file.symbols,
    timeframe: file.timeframe,
    required_fields: ["close"],
    session: "regular",
  },

  params: {
    entry: choice({
      options: ["touch", "stop", "limit"],
      default: "touch",
      description: "how an entry waits for its price: a stop, a limit, or (touch) whichever the close has not passed yet",
    }),
    tif: choice({ options: ["DAY", "GTC"], default: "DAY", description: "how long an entry waits" }),
    flat_at_close: boolean({
      default: file.timeframe !== "1d",
      description: "close what was entered at the close of its session",
    }),
  },

  state: () => ({ next: Object.fromEntries(file.symbols.map((symbol) => [symbol, -1])) }),

  onBar(bar, ctx) {
    const signals = file.signals[bar.symbol];
    const { next } = ctx.state;
    if (next[bar.symbol] < 0) {
      const began = bar.ts - MINUTES[file.timeframe] * 60000;
      const past = signals.findIndex((signal) => signal.ts > began);
      next[bar.symbol] = past < 0 ? signals.length : past;
      if (next[bar.symbol] > 0) ctx.hold({ metadata: { not_placed: next[bar.symbol], reason: "BEFORE_FIRST_BAR" } });
    }
    for (; next[bar.symbol] < signals.length; next[bar.symbol] += 1) {
      const signal = signals[next[bar.symbol]];
      if (signal.ts > bar.ts) return;
      const id = [signal.symbol, signal.ts, signal.strategy, signal.strategy_version].join("/");
      const both = signal.long_entry !== null && signal.short_entry !== null;
      for (const long of [true, false]) {
        const price = long ? signal.long_entry : signal.short_entry;
        if (price === null) continue;
        const ahead = long ? Number(price) > bar.close : Number(price) < bar.close;
        const type = ctx.params.entry === "touch" ? (ahead ? "stop" : "limit") : ctx.params.entry;
        const loss = long ? signal.sl_long : signal.sl_short;
        const profit = long ? signal.tp_long : signal.tp_short;
        const options = {
          type,
          [type]: Number(price),
          tif: ctx.params.tif,
          external_id: id + (long ? "/long" : "/short"),
          ...(loss === null ? {} : { stop_loss: Number(loss) }),
          ...(profit === null ? {} : { take_profit: Number(profit) }),
          ...(both ? { oco: ["signal", file.symbols.indexOf(bar.symbol), next[bar.symbol]].join("/") } : {}),
          ...(signal.score === null ? {} : { strength: signal.score }),
          metadata: {
            signal_ts: signal.ts,
            strategy: signal.strategy,
            strategy_version: signal.strategy_version,
            ...(signal.setup === null ? {} : { setup: signal.setup }),
          },
        };
        if (long) ctx.enterLong(options);
        else ctx.enterShort(options);
      }
    }
  },

  onFill(fill, ctx) {
    if (!ctx.params.flat_at_close) return;
    const held = ctx.position(fill.symbol).qty;
    const options = { symbol: fill.symbol, qty: Math.min(fill.qty, Math.abs(held)), type: "market_on_close" };
    if (fill.side === "buy" && held > 0) ctx.exitLong(options);
    if (fill.side === "sell" && held < 0) ctx.exitShort(options);
  },

  onEnd(ctx) {
    for (const symbol of file.symbols) {
      const left = file.signals[symbol].length - Math.max(0, ctx.state.next[symbol]);
      if (left > 0) ctx.hold({ symbol, metadata: { not_placed: left, reason: "AFTER_LAST_BAR" } });
    }
  },
});
`;
