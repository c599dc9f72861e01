/** Rows of a week as columns: what goes from one thread to another without being copied. */
import type { TradeRow } from "./normalise.js";

/** Names cannot hold it: it stands between the cells of a line. */
const BETWEEN = "|";

/** The same place of every column is one row. The columns lie in memory of their own. */
export interface TradeColumns {
  /** Each symbol once, joined by `|`. */
  readonly symbols: string;
  /** Each venue once, joined by `|`. */
  readonly venues: string;
  /** Place of the row's name among the symbols, from 0. */
  readonly symbol: Uint32Array;
  readonly venue: Uint32Array;
  readonly shares: Float64Array;
  readonly trades: Float64Array;
  /** 1-based line of the source. */
  readonly line: Float64Array;
}

/** Turns rows on their side. @throws {RangeError} for a name with a `|`, which no line of a weekly file can give. */
export function tradeColumns(rows: readonly TradeRow[]): TradeColumns {
  const symbols = new Names();
  const venues = new Names();
  const columns = {
    symbol: new Uint32Array(rows.length),
    venue: new Uint32Array(rows.length),
    shares: new Float64Array(rows.length),
    trades: new Float64Array(rows.length),
    line: new Float64Array(rows.length),
  };
  for (let at = 0; at < rows.length; at++) {
    const row = rows[at] as TradeRow;
    columns.symbol[at] = symbols.placeOf(row.symbol);
    columns.venue[at] = venues.placeOf(row.mpid);
    columns.shares[at] = row.shares;
    columns.trades[at] = row.trades;
    columns.line[at] = row.line;
  }
  return { symbols: symbols.joined(), venues: venues.joined(), ...columns };
}

/** The rows again, equal to those that were turned. */
export function tradeRows({ symbols, venues, symbol, venue, shares, trades, line }: TradeColumns): readonly TradeRow[] {
  const symbolNames = symbols.split(BETWEEN);
  const venueNames = venues.split(BETWEEN);
  const rows: TradeRow[] = [];
  for (let at = 0; at < symbol.length; at++)
    rows.push({
      symbol: symbolNames[symbol[at] as number] as string,
      mpid: venueNames[venue[at] as number] as string,
      shares: small(shares[at] as number),
      trades: small(trades[at] as number),
      line: small(line[at] as number),
    });
  return rows;
}

/** The same number; one that fits into 31 bits takes no memory of its own. */
function small(value: number): number {
  const whole = value | 0;
  return whole === value ? whole : value;
}

class Names {
  readonly #places = new Map<string, number>();
  /** Rows of one symbol stand together in nearly every file. */
  #last = "";
  #lastPlace = -1;

  placeOf(name: string): number {
    if (name === this.#last && this.#lastPlace >= 0) return this.#lastPlace;
    let place = this.#places.get(name);
    if (place === undefined) {
      if (name.includes(BETWEEN)) throw new RangeError(`the name "${name}" has a ${BETWEEN}`);
      place = this.#places.size;
      this.#places.set(name, place);
    }
    this.#last = name;
    this.#lastPlace = place;
    return place;
  }

  joined(): string {
    return [...this.#places.keys()].join(BETWEEN);
  }
}
