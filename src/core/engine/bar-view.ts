import type { BarColumns } from "../market/bars.js";
import type { Bar, BarSlice } from "../strategy/strategy.js";
import type { UtcMillis } from "../tape/event.js";
import type { BarFeed } from "./feed.js";

/** Moves a view to a row. No member of the class: whoever holds a view must not find it there. */
let moveTo: (view: BarView, row: number) => void;

/** One instrument's newest closed bar, read from its columns on demand. Neither the columns nor another row can be reached through it. */
export class BarView implements Bar {
  static {
    moveTo = (view, row) => {
      view.#row = row;
    };
  }
  readonly symbol: string;
  readonly #columns: BarColumns;
  readonly #priceUnit: number;
  readonly #volumeUnit: number;
  #row = -1;

  constructor(columns: BarColumns, priceUnit: number, volumeUnit: number) {
    this.symbol = columns.symbol;
    this.#columns = columns;
    this.#priceUnit = priceUnit;
    this.#volumeUnit = volumeUnit;
  }

  get ts(): UtcMillis {
    return this.#columns.ts[this.#row] as number;
  }
  get open(): number {
    return (this.#columns.open[this.#row] as number) / this.#priceUnit;
  }
  get high(): number {
    return (this.#columns.high[this.#row] as number) / this.#priceUnit;
  }
  get low(): number {
    return (this.#columns.low[this.#row] as number) / this.#priceUnit;
  }
  get close(): number {
    return (this.#columns.close[this.#row] as number) / this.#priceUnit;
  }
  get volume(): number {
    return (this.#columns.volume[this.#row] as number) / this.#volumeUnit;
  }

  toJSON(): Record<string, number | string> {
    return { symbol: this.symbol, ts: this.ts, open: this.open, high: this.high, low: this.low, close: this.close, volume: this.volume };
  }
}

/** Makes `row` the newest bar of a view. */
export function moveBarView(view: BarView, row: number): void {
  moveTo(view, row);
}

let refill: (slice: SliceView, feed: BarFeed) => void;

/** The bars of the slice in hand, in symbol order. The array is refilled for every slice. */
export class SliceView implements BarSlice {
  static {
    refill = (slice, feed) => {
      slice.#ts = feed.ts;
      slice.#bars.length = 0;
      for (let n = 0; n < feed.size; n++) slice.#bars.push(slice.#views[feed.members[n] as number] as BarView);
    };
  }

  readonly #views: readonly BarView[];
  readonly #bars: BarView[] = [];
  #ts: UtcMillis = 0;

  constructor(views: readonly BarView[]) {
    this.#views = views;
  }

  get ts(): UtcMillis {
    return this.#ts;
  }
  get bars(): readonly Bar[] {
    return this.#bars;
  }
  bar(symbol: string): Bar | undefined {
    return this.#bars.find((b) => b.symbol === symbol);
  }
}

/** Fills a slice with the views of the bars in hand. */
export function refillSlice(slice: SliceView, feed: BarFeed): void {
  refill(slice, feed);
}

// A handler that replaced a getter would change what other symbols and indicators see.
Object.freeze(BarView.prototype);
Object.freeze(SliceView.prototype);
