import type { Arrival, Arrivals, ArrivedBar, ArrivedSlice } from "../../src/core/engine/arrival-feed.js";
import type { EngineSpec } from "../../src/core/engine/engine-spec.js";
import type { BarColumns } from "../../src/core/market/bars.js";
import { calendarById } from "../../src/core/market/calendars/registry.js";
import { GrowingBars } from "../../src/core/market/growing-bars.js";

/** The same bars as {@link EngineSpec.instruments}, but coming one close time after the other. */
export function arriving(spec: EngineSpec, source: Arrivals = arrivalsOf(slicesOf(spec.instruments.map((i) => i.columns)))): EngineSpec {
  const { config, strategy, started } = spec;
  if (started === null) throw new Error("a session arrives already");
  const bars = spec.instruments.map(
    ({ columns }, i) => new GrowingBars(columns, calendarById(config.instruments[i]?.calendar ?? ""), strategy.meta.session),
  );
  const { strategy: named, config: stated, config_sha256, instruments } = started;
  const opening = {
    session: "hand",
    mode: "paper",
    ...{ strategy: named, config: stated, config_sha256, instruments },
    data: spec.instruments.map(({ columns: c }) => ({
      ...{ symbol: c.symbol, timeframe: c.timeframe, price_mode: c.price_mode, basis: c.basis },
      ...{ price_scale: c.price_scale, volume_scale: c.volume_scale, has_volume: c.has_volume },
    })),
    since: Math.min(...started.data.filter((d) => d.rows > 0).map((d) => d.first_ts)) - 1,
  } as const;
  return {
    ...spec,
    started: null,
    instruments: bars.map(({ columns, sessions }) => ({ columns, sessions, session_sha256: [] })),
    arriving: { opening, source, bars },
  };
}

/** Bars of several instruments by close time. */
export function slicesOf(all: readonly BarColumns[]): readonly ArrivedSlice[] {
  const byTime = new Map<number, ArrivedBar[]>();
  all.forEach((c, instrument) => {
    for (let row = 0; row < c.rows; row++) {
      const [ts, open, high, low, close, volume] = [c.ts, c.open, c.high, c.low, c.close, c.volume].map((column) => column[row] as number);
      const bar = { instrument, ts, open, high, low, close, volume } as ArrivedBar;
      byTime.set(bar.ts, [...(byTime.get(bar.ts) ?? []), bar]);
    }
  });
  return [...byTime].sort(([a], [b]) => a - b).map(([ts, bars]) => ({ ts, bars }));
}

export function arrivalsOf(slices: readonly Arrival[]): Arrivals {
  let next = 0;
  return { next: () => slices[next++] ?? null };
}
