/**
 * What an unknown symbol probably is. A guess is marked field by field, and what would be dangerous to guess is refused.
 */
import { formatScaled } from "../money/decimal.js";
import type { Violation } from "../quality/violation.js";
import type { BarColumns } from "./bars.js";
import { MS_PER_DAY, utcDay, weekdayOf } from "./civil-date.js";
import type { Instrument } from "./instrument.js";

/** A guess, or what has to be stated because guessing would change results unseen. */
export type InstrumentGuess =
  | { readonly kind: "guessed"; readonly instrument: Instrument }
  | { readonly kind: "refused"; readonly violations: readonly Violation[] };

/** Coins whose code may stand before a plain currency (`BTCUSD`); before a stable coin any code is a coin's. */
const COINS = "ADA ATOM AVAX BCH BNB BTC DOGE DOT EOS ETC ETH FIL LINK LTC NEAR SHIB SOL TRX UNI XBT XLM XMR XRP ZEC".split(" ");
/** Quotes that only coins are traded in. */
const COIN_QUOTES = "USDT USDC FDUSD BUSD TUSD DAI BTC ETH BNB".split(" ");
/** ISO 4217 codes of currencies and metals that are quoted in pairs. */
const CURRENCIES =
  "AUD BRL CAD CHF CNH CNY CZK DKK EUR GBP HKD HUF IDR ILS INR JPY KRW MXN MYR NOK NZD PHP PLN RON RUB SEK SGD THB TRY TWD USD XAG XAU XPD XPT ZAR".split(
    " ",
  );

/** A pair with a separator: `BTC-USDT`, `EUR/USD`. */
const PAIR = /^([A-Z0-9]{2,12})[-/_:]([A-Z]{3,5})$/;
const SIX_LETTERS = /^([A-Z]{3})([A-Z]{3})$/;
/** Steps that fit any coin's quantity. */
const COIN_STEP = "0.00000001";

/**
 * Guesses an instrument from its symbol and bars.
 *
 * | seen | guess |
 * | --- | --- |
 * | a coin before a stable coin, coin or currency: `BTCUSDT`, `ADABTC`, `ETH-EUR` | crypto, 24/7, the quote as currency, quantity step 0.00000001 |
 * | two currencies: `EURUSD`, `XAU/USD` | fx, FX24x5, the quote as currency, quantity step 1 |
 * | anything else with bars in all 24 UTC hours and on a weekend | other, 24/7, currency USD, quantity step 0.00000001 |
 * | anything else | refused |
 *
 * The last row is refused and not taken for an American share, because the calendar decides which bars are regular, when day orders
 * expire and what completeness means: a Korean or London share under New York hours would lose most of its bars without a word.
 *
 * The price tick is the coarsest power of ten that all prices are multiples of, at most one unit.
 */
export function guessInstrument(symbol: string, columns: BarColumns): InstrumentGuess {
  const upper = symbol.toUpperCase();
  const coinQuote = quoteOfCoin(upper);
  if (coinQuote !== null)
    return guessed(symbol, columns, { asset_class: "crypto", currency: coinQuote, calendar: "24/7", lot_step: COIN_STEP });
  const quote = quoteOfCurrency(upper);
  if (quote !== null) return guessed(symbol, columns, { asset_class: "fx", currency: quote, calendar: "FX24x5", lot_step: "1" });
  if (tradesRoundTheClock(columns)) {
    return guessed(symbol, columns, { asset_class: "other", currency: "USD", calendar: "24/7", lot_step: COIN_STEP });
  }
  return { kind: "refused", violations: [refusal(symbol)] };
}

function guessed(
  symbol: string,
  columns: BarColumns,
  known: Pick<Instrument, "asset_class" | "currency" | "calendar" | "lot_step">,
): InstrumentGuess {
  const fields = {
    ...known,
    price_tick: coarsestTick(columns),
    min_qty: known.lot_step,
    multiplier: "1",
    settlement: "cash",
  } as const;
  return { kind: "guessed", instrument: { symbol, ...fields, guessed: Object.keys(fields).sort() } };
}

function refusal(symbol: string): Violation {
  return {
    code: "INSTRUMENT_UNKNOWN",
    message: `${symbol} names no coin or currency pair and does not trade round the clock: state its calendar, currency and asset class (--calendar XNYS --currency USD --asset-class equity, or an entry in instruments.yaml)`,
    field: "calendar",
    value: symbol,
    expected: "calendar, currency and asset_class",
  };
}

function quoteOfCoin(symbol: string): string | null {
  const pair = PAIR.exec(symbol);
  if (pair !== null) {
    const [, base = "", quote = ""] = pair;
    if (COIN_QUOTES.includes(quote)) return quote;
    return COINS.includes(base) && CURRENCIES.includes(quote) ? quote : null;
  }
  for (const quote of COIN_QUOTES) {
    const base = symbol.slice(0, -quote.length);
    // Two letters at least before the quote, and for coins as quotes a known coin: "ROBTC" may be a share.
    if (symbol.endsWith(quote) && /^[A-Z0-9]{2,12}$/.test(base) && (quote.length > 3 || COINS.includes(base))) return quote;
  }
  for (const base of COINS) {
    if (symbol.startsWith(base) && CURRENCIES.includes(symbol.slice(base.length))) return symbol.slice(base.length);
  }
  return null;
}

function quoteOfCurrency(symbol: string): string | null {
  const [, base = "", quote = ""] = PAIR.exec(symbol) ?? SIX_LETTERS.exec(symbol) ?? [];
  return base !== quote && CURRENCIES.includes(base) && CURRENCIES.includes(quote) ? quote : null;
}

/** Whether bars close in each of the 24 UTC hours and on a Saturday, when every exchange with a weekend is closed. */
function tradesRoundTheClock(columns: BarColumns): boolean {
  const hours = new Uint8Array(24);
  let seen = 0;
  let saturday = false;
  for (let row = 0; row < columns.rows; row++) {
    // The minute before the close lies inside the bar.
    const inside = (columns.ts[row] as number) - 1;
    const day = utcDay(inside);
    const hour = Math.floor((inside - day * MS_PER_DAY) / 3_600_000);
    if (hours[hour] === 0) {
      hours[hour] = 1;
      seen += 1;
    }
    saturday ||= weekdayOf(day) === 6;
    if (saturday && seen === 24) return true;
  }
  return false;
}

/** The largest power of ten from 1 downwards that divides every price. */
function coarsestTick(columns: BarColumns): string {
  let places = 0;
  let step = 1;
  for (let scale = 0; scale < columns.price_scale; scale++) step *= 10;
  for (const prices of [columns.open, columns.high, columns.low, columns.close]) {
    for (let row = 0; row < columns.rows; row++) {
      while (step > 1 && (prices[row] as number) % step !== 0) {
        step /= 10;
        places += 1;
      }
    }
  }
  return formatScaled(1, places);
}
