/** Bars of both sides of the quote, on one time axis. */
import { pow10 } from "../money/decimal.js";
import type { Sha256Fn, Sha256Hex } from "../tape/hash.js";
import type { BarColumns, PriceBasis } from "./bars.js";

/** Bid and ask bars with the same close times. On both sides `volume` is the size quoted, where the source has it. */
export interface QuoteSet {
  readonly bid: BarColumns;
  readonly ask: BarColumns;
}

/** What alignment left out. */
export interface AlignedQuotes {
  readonly set: QuoteSet;
  /** Bid rows without an ask row at their close time, and the other way round; the first close times are listed. */
  readonly unmatched_bid: number;
  readonly unmatched_ask: number;
  readonly unmatched: readonly { readonly side: "bid" | "ask"; readonly ts: number }[];
}

const LISTED = 20;
const COLUMNS = ["ts", "open", "high", "low", "close", "volume"] as const;

/** Brings two sides to one time axis and one price scale. Rows ascend. @throws {RangeError} where the scales cannot be made equal exactly. */
export function alignQuotes(bid: BarColumns, ask: BarColumns): AlignedQuotes {
  const bidRows: number[] = [];
  const askRows: number[] = [];
  const unmatched: { side: "bid" | "ask"; ts: number }[] = [];
  let b = 0;
  let a = 0;
  let lonelyBid = 0;
  let lonelyAsk = 0;
  while (b < bid.rows || a < ask.rows) {
    const bidTs = b < bid.rows ? (bid.ts[b] as number) : Number.POSITIVE_INFINITY;
    const askTs = a < ask.rows ? (ask.ts[a] as number) : Number.POSITIVE_INFINITY;
    if (bidTs === askTs) {
      bidRows.push(b);
      askRows.push(a);
    } else if (unmatched.length < LISTED) unmatched.push(bidTs < askTs ? { side: "bid", ts: bidTs } : { side: "ask", ts: askTs });
    if (bidTs < askTs) lonelyBid += 1;
    if (askTs < bidTs) lonelyAsk += 1;
    if (bidTs <= askTs) b += 1;
    if (askTs <= bidTs) a += 1;
  }
  const priceScale = Math.max(bid.price_scale, ask.price_scale);
  const volumeScale = Math.max(bid.volume_scale, ask.volume_scale);
  const side = (columns: BarColumns, rows: readonly number[]): BarColumns => atScales(rowsOf(columns, rows), priceScale, volumeScale);
  return { set: { bid: side(bid, bidRows), ask: side(ask, askRows) }, unmatched_bid: lonelyBid, unmatched_ask: lonelyAsk, unmatched };
}

function rowsOf(columns: BarColumns, rows: readonly number[]): BarColumns {
  if (rows.length === columns.rows) return columns;
  const picked = COLUMNS.map((name) => [name, Float64Array.from(rows, (row) => columns[name][row] as number)] as const);
  return { ...columns, ...Object.fromEntries(picked), rows: rows.length };
}

function atScales(columns: BarColumns, priceScale: number, volumeScale: number): BarColumns {
  if (columns.price_scale === priceScale && columns.volume_scale === volumeScale) return columns;
  const scaled = (name: (typeof COLUMNS)[number], factor: number): Float64Array =>
    columns[name].map((value) => {
      if (!Number.isSafeInteger(value * factor)) throw new RangeError(`${columns.symbol}: bid and ask have no common scale within 2^53`);
      return value * factor;
    });
  const price = pow10(priceScale - columns.price_scale);
  const volume = pow10(volumeScale - columns.volume_scale);
  return {
    ...columns,
    price_scale: priceScale,
    volume_scale: volumeScale,
    open: scaled("open", price),
    high: scaled("high", price),
    low: scaled("low", price),
    close: scaled("close", price),
    volume: scaled("volume", volume),
  };
}

/** The identity of a quote set: SHA-256 over the identities of its sides. */
export function quoteSetId(bidSet: Sha256Hex, askSet: Sha256Hex, sha256: Sha256Fn): Sha256Hex {
  return sha256(`onetape/quote-set/v1\n${bidSet}\n${askSet}\n`);
}

/**
 * The bars that a run on one basis sees.
 *
 * `mid` is the exact middle of both sides at one more decimal; its high and low are the middles of the sides' highs and lows, which the
 * true middle need not have reached. It has no volume.
 *
 * @throws {RangeError} where a middle leaves the exact range, and for the basis `trade`, which quotes do not have.
 */
export function kernelColumns(set: QuoteSet, basis: Exclude<PriceBasis, "trade">): BarColumns {
  if (basis === "bid") return set.bid;
  if (basis === "ask") return set.ask;
  const { bid, ask } = set;
  const middle = (name: "open" | "high" | "low" | "close"): Float64Array => {
    const out = sharedLike(bid.ts);
    for (let row = 0; row < bid.rows; row++) {
      const value = ((bid[name][row] as number) + (ask[name][row] as number)) * 5;
      if (!Number.isSafeInteger(value)) throw new RangeError(`${bid.symbol}: the middle of bid and ask leaves the exact range of 2^53`);
      out[row] = value;
    }
    return out;
  };
  return {
    ...bid,
    basis: "mid",
    price_scale: bid.price_scale + 1,
    volume_scale: 0,
    has_volume: false,
    open: middle("open"),
    high: middle("high"),
    low: middle("low"),
    close: middle("close"),
    volume: sharedLike(bid.ts),
  };
}

/** A column of zeros in memory of the same kind, shared or not. */
function sharedLike(column: Float64Array): Float64Array {
  return column.buffer instanceof ArrayBuffer
    ? new Float64Array(column.length)
    : new Float64Array(new SharedArrayBuffer(column.byteLength));
}

/**
 * Bid and ask at the price scale of the bars they go with, or null where that loses digits or leaves the safe range.
 *
 * @param scale decimals of the bars.
 */
export function quotesAt(bid: BarColumns, ask: BarColumns, scale: number): QuoteSet | null {
  const sides = [bid, ask].map((side) => atPriceScale(side, scale));
  const [first, second] = sides;
  return first === null || first === undefined || second === null || second === undefined ? null : { bid: first, ask: second };
}

function atPriceScale(columns: BarColumns, scale: number): BarColumns | null {
  if (columns.price_scale === scale) return columns;
  if (columns.price_scale > scale) return null;
  const factor = pow10(scale - columns.price_scale);
  const widened = (prices: Float64Array): Float64Array => {
    const shared = new Float64Array(new SharedArrayBuffer(prices.length * Float64Array.BYTES_PER_ELEMENT));
    for (let row = 0; row < columns.rows; row++) shared[row] = (prices[row] as number) * factor;
    return shared;
  };
  const high = widened(columns.high);
  if (high.some((price) => price > Number.MAX_SAFE_INTEGER)) return null;
  return { ...columns, price_scale: scale, open: widened(columns.open), high, low: widened(columns.low), close: widened(columns.close) };
}
