/**
 * The market of each instrument's newest bar: the prices that either side meets, and how much of its volume is left to trade.
 *
 * With quotes, buys meet the ask's bar and sells the bid's; a side without a quote at the bar's close time meets nothing, because a
 * price of another time is no price.
 */
import type { VolumeSum } from "../gate/risk-view.js";
import type { BarColumns } from "../market/bars.js";
import { pow10 } from "../money/decimal.js";
import type { Units } from "../money/units.js";
import type { UtcMillis } from "../tape/event.js";
import type { BarPrices } from "../venue/matching.js";
import { type Capacity, capacityOf } from "../venue/participation.js";
import type { EngineInstrument } from "./engine-spec.js";
import type { Side } from "./run-events.js";

interface InstrumentMarket {
  readonly trades: BarColumns;
  readonly bid: QuoteCursor | null;
  readonly ask: QuoteCursor | null;
  /** Row of the newest bar. */
  row: number;
  /** Bars seen so far. */
  seen: number;
  /** Whether the newest bar is its session's last. */
  closing: boolean;
  /** What may still fill on it; NaN until somebody asks. */
  capacity: number;
}

/** Follows a quote's columns in step with the bars. */
class QuoteCursor {
  readonly #columns: BarColumns;
  #row = 0;

  constructor(columns: BarColumns) {
    this.#columns = columns;
  }

  at(ts: UtcMillis): BarPrices | null {
    const { ts: times, rows } = this.#columns;
    while (this.#row < rows && (times[this.#row] as number) < ts) this.#row += 1;
    return this.#row < rows && times[this.#row] === ts ? pricesAt(this.#columns, this.#row) : null;
  }
}

export class BarMarket {
  readonly #markets: readonly InstrumentMarket[];
  readonly #capacity: Capacity;

  /** @param participation see {@link capacityOf}. */
  constructor(instruments: readonly EngineInstrument[], participation: string | null) {
    this.#capacity = capacityOf(participation);
    this.#markets = instruments.map(({ columns, quotes }) => ({
      trades: columns,
      bid: quotes === undefined ? null : new QuoteCursor(quotes.bid),
      ask: quotes === undefined ? null : new QuoteCursor(quotes.ask),
      row: -1,
      seen: 0,
      closing: false,
      capacity: Number.NaN,
    }));
  }

  /** A bar of the instrument closed. @param bars how many did, where nobody looked at those before. */
  enter(instrument: number, row: number, closing: boolean, bars: number = 1): void {
    const market = this.#at(instrument);
    market.row = row;
    market.seen += bars;
    market.closing = closing;
    market.capacity = Number.NaN;
  }

  /** Bars of the instrument that closed so far. */
  seen(instrument: number): number {
    return this.#at(instrument).seen;
  }

  isClosing(instrument: number): boolean {
    return this.#at(instrument).closing;
  }

  /** True where buys and sells meet bars of their own: what one side reached says nothing about the other. */
  isQuoted(instrument: number): boolean {
    return this.#at(instrument).bid !== null;
  }

  /** The prices of the newest bar for an order of this side, or null where it has none. */
  prices(instrument: number, side: Side): BarPrices | null {
    const { trades, bid, ask, row } = this.#at(instrument);
    const quote = side === "buy" ? ask : bid;
    return quote === null ? pricesAt(trades, row) : quote.at(trades.ts[row] as number);
  }

  /** Volume of the newest bar in units of quantity; 0 where the data have none. */
  volume(instrument: number, units: Units): number {
    const { trades, row } = this.#at(instrument);
    return ((trades.volume[row] as number) * units.qty_unit) / pow10(trades.volume_scale);
  }

  /** Volume of the newest bars, or of as many as closed so far; null before the first. */
  volumeOf(instrument: number, bars: number): VolumeSum | null {
    const { trades, row, seen } = this.#at(instrument);
    const count = Math.min(bars, seen);
    if (count === 0) return null;
    let volume = 0;
    for (let i = row - count + 1; i <= row; i++) volume += trades.volume[i] as number;
    return { volume, scale: trades.volume_scale, bars: count };
  }

  /** What may still fill on the newest bar. */
  capacity(instrument: number, units: Units): number {
    const market = this.#at(instrument);
    if (Number.isNaN(market.capacity))
      market.capacity = this.#capacity(units, market.trades.volume[market.row] as number, market.trades.volume_scale);
    return market.capacity;
  }

  /** A quantity filled on the newest bar. */
  take(instrument: number, units: Units, qty: number): void {
    this.#at(instrument).capacity = this.capacity(instrument, units) - qty;
  }

  #at(instrument: number): InstrumentMarket {
    const market = this.#markets[instrument];
    if (market === undefined) throw new Error(`instrument ${instrument} has no bars`);
    return market;
  }
}

function pricesAt({ open, high, low, close }: BarColumns, row: number): BarPrices {
  return { open: open[row] as number, high: high[row] as number, low: low[row] as number, close: close[row] as number };
}
