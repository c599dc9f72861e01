import type { CalcIdentity } from "../calc/identity.js";
import { decimalPlaces, scaledOf } from "../money/decimal.js";
import { RandomDraws } from "../numeric/random.js";
import type { UtcMillis } from "../tape/event.js";
import type { BarColumns } from "./bars.js";
import type { Calendar, Session } from "./calendar.js";
import { civilDay, MS_PER_DAY, MS_PER_MINUTE } from "./civil-date.js";

/** The calculation that makes synthetic bars; `SYNTHETIC_SOURCE` marks rows that came from it. */
export const GENERATE_BARS: CalcIdentity = { calc_name: "bars.synthetic", calc_version: "v1" };

/** What stands in the `source` column of generated bars, so that nobody takes them for a market. */
export const SYNTHETIC_SOURCE = "synthetic:bars.synthetic@v1";

/** How much trades in each minute of a session: more at its ends, or the same all day. */
export type VolumeProfile = "u_shape" | "flat";

/** What is generated. Fractions and multiples are plain numbers; prices are decimal text. */
export interface GenerateBarsOptions {
  readonly symbol: string;
  readonly calendar: Calendar;
  /** Bars with close times in `(from, to]`. */
  readonly from: UtcMillis;
  readonly to: UtcMillis;
  /** Whole number from 0 to 2^53 - 1. */
  readonly seed: number;
  readonly start_price: string;
  /** Every price is a multiple of it. */
  readonly tick: string;
  /** Standard deviation of a year's return from the noise alone, without regimes, for example 0.2; at most 5. */
  readonly yearly_volatility: number;
  /** Mean volume of a bar, a whole number. */
  readonly mean_volume: number;
  readonly volume_profile: VolumeProfile;
  /** Minutes after which the market may change between rising, falling and swinging around a price. */
  readonly regime_minutes: number;
  /** Drift of a rising or falling regime per minute, in standard deviations of a minute; 0 is a random walk. */
  readonly trend_strength: number;
  /** Share of the distance to its middle that a swinging regime gives back per minute, 0 to 1. */
  readonly reversion: number;
  /** Chance that a minute has no bar, 0 to below 1. */
  readonly missing_probability: number;
}

/** Everything but symbol, calendar and range, as the command line starts from. */
export const GENERATE_DEFAULTS = {
  seed: 1,
  start_price: "100",
  tick: "0.01",
  yearly_volatility: 0.2,
  mean_volume: 1_000,
  volume_profile: "u_shape",
  regime_minutes: 120,
  trend_strength: 0.15,
  reversion: 0.03,
  missing_probability: 0,
} as const;

/** Decimals of generated prices. */
const PRICE_SCALE = 8;
/** A bar moves at most this share of its price, whatever was asked for. */
const MOST_MOVE = 0.1;
const LARGEST_PRICE = 4_503_599_627_370_496;
const STREAM_BAR = 0;
const STREAM_REGIME = 1;
/** A year whose sessions every calendar lists: it tells how many minutes a year has. */
const REFERENCE_YEAR = 2024;

/** A swing around the price at which a regime began, or a drift in standard deviations of a minute. */
interface Regime {
  readonly drift: number;
  readonly anchor: number | null;
}

/**
 * Synthetic one-minute bars: a seeded walk with regimes, in the sessions of a calendar. The same options give the same bytes on every
 * machine; a longer range gives the same beginning.
 *
 * A return is a sum of uniform numbers scaled to the volatility, plus the regime's drift or pull. Each bar opens within a tick of the
 * previous close and keeps the bar contract. The result says nothing about any market.
 *
 * @throws {RangeError} naming each option that is out of range, and where the range leaves the calendar.
 */
export function generateBars(options: GenerateBarsOptions): BarColumns {
  checkOptions(options);
  const tick = scaledOf(options.tick, PRICE_SCALE);
  const sessions = sessionsOf(options);
  const walk = new Walk(options, tick, minuteDeviation(options));
  const columns = emptyColumns(options.symbol, minutesWithin(sessions, options));
  let rows = 0;
  let index = 0;
  for (const session of sessions) {
    const minutes = (session.close - session.open) / MS_PER_MINUTE;
    for (let minute = 1; minute <= minutes; minute++) {
      const ts = session.open + minute * MS_PER_MINUTE;
      if (ts <= options.from) continue;
      if (ts > options.to) break;
      index += 1;
      if (!walk.step(index, minutes === 1 ? 0 : (2 * (minute - 1)) / (minutes - 1) - 1)) continue;
      columns.ts[rows] = ts;
      columns.open[rows] = walk.open * tick;
      columns.high[rows] = walk.high * tick;
      columns.low[rows] = walk.low * tick;
      columns.close[rows] = walk.close * tick;
      columns.volume[rows] = walk.volume;
      rows += 1;
    }
  }
  return trimmed(columns, rows);
}

/** The price as it walks, in ticks. Fields hold the bar made last. */
class Walk {
  readonly #options: GenerateBarsOptions;
  readonly #draws: RandomDraws;
  readonly #stream: number;
  readonly #deviation: number;
  readonly #highest: number;
  #price: number;
  #regime: Regime = { drift: 0, anchor: null };
  open = 0;
  high = 0;
  low = 0;
  close: number;
  volume = 0;

  constructor(options: GenerateBarsOptions, tick: number, deviation: number) {
    this.#options = options;
    this.#draws = new RandomDraws(options.seed);
    // Two streams a symbol, so that symbols under one seed walk apart.
    this.#stream = (hashOfText(options.symbol) >>> 1) * 2;
    this.#deviation = deviation;
    // Half the exact range, which leaves room for the bars' highs.
    this.#highest = Math.floor(LARGEST_PRICE / tick);
    this.#price = this.#bounded(scaledOf(options.start_price, PRICE_SCALE) / tick);
    this.close = Math.round(this.#price);
  }

  /** Makes the `index`th minute's bar. @param place of the minute in its session, -1 first to 1 last. @returns false for a missing minute. */
  step(index: number, place: number): boolean {
    const { regime_minutes, missing_probability } = this.#options;
    if ((index - 1) % regime_minutes === 0) this.#changeRegime((index - 1) / regime_minutes);
    const draws = this.#draws.at(this.#stream + STREAM_BAR, index);
    if (draws.unit() < missing_probability) return false;
    const jitter = draws.below(3) - 1;
    this.open = Math.max(1, this.close + jitter);
    this.#price = this.#bounded(this.#price * (1 + this.#return(draws.bell())));
    this.close = Math.round(this.#price);
    const reach = this.#price * this.#deviation;
    const up = draws.unit();
    const down = draws.unit();
    this.high = Math.max(this.open, this.close) + Math.floor(up * up * reach + up);
    this.low = Math.max(1, Math.min(this.open, this.close) - Math.floor(down * down * reach + down));
    this.volume = Math.round(this.#options.mean_volume * this.#profile(place) * (0.5 + draws.unit()));
    return true;
  }

  #bounded(price: number): number {
    return Math.max(1, Math.min(this.#highest, price));
  }

  #return(bell: number): number {
    const { anchor, drift } = this.#regime;
    const pull = anchor === null ? drift * this.#deviation : (this.#options.reversion * (anchor - this.#price)) / this.#price;
    return Math.max(-MOST_MOVE, Math.min(MOST_MOVE, pull + bell * this.#deviation));
  }

  #changeRegime(number: number): void {
    const kind = this.#draws.at(this.#stream + STREAM_REGIME, number).below(4);
    const strength = this.#options.trend_strength;
    // One in four rises, one falls, two swing.
    this.#regime = kind < 2 ? { drift: kind === 0 ? strength : -strength, anchor: null } : { drift: 0, anchor: this.#price };
  }

  /** Share of the mean volume; 1 on average over a session. */
  #profile(place: number): number {
    // The mean of place^2 over [-1, 1] is 1/3.
    return this.#options.volume_profile === "flat" ? 1 : 0.5 + 1.5 * place * place;
  }
}

function minuteDeviation(options: GenerateBarsOptions): number {
  const year = options.calendar.sessionsBetween(
    civilDay(REFERENCE_YEAR, 1, 2) * MS_PER_DAY,
    civilDay(REFERENCE_YEAR + 1, 1, 2) * MS_PER_DAY,
  );
  const minutes = year.reduce((sum, session) => sum + (session.close - session.open) / MS_PER_MINUTE, 0);
  return options.yearly_volatility / Math.sqrt(minutes);
}

function sessionsOf(options: GenerateBarsOptions): readonly Session[] {
  const { calendar, from, to } = options;
  return calendar.sessionsBetween(from, calendar.sessionAt(to)?.close ?? to);
}

/** Minutes of the sessions that close in the range asked for: the most rows there can be. */
function minutesWithin(sessions: readonly Session[], { from, to }: GenerateBarsOptions): number {
  return sessions.reduce((sum, { open, close }) => {
    const first = Math.floor((Math.max(open, from) - open) / MS_PER_MINUTE);
    const last = Math.floor((Math.min(close, to) - open) / MS_PER_MINUTE);
    return sum + Math.max(0, last - first);
  }, 0);
}

function checkOptions(options: GenerateBarsOptions): void {
  const wrong: string[] = [];
  const want = (holds: boolean, name: keyof GenerateBarsOptions, expected: string): void => {
    if (!holds) wrong.push(`${name} is ${String(options[name])}, expected ${expected}`);
  };
  want(options.symbol !== "", "symbol", "a name");
  want(Number.isSafeInteger(options.from), "from", "UTC milliseconds");
  want(Number.isSafeInteger(options.to) && options.to > options.from, "to", "UTC milliseconds after from");
  want(Number.isSafeInteger(options.seed) && options.seed >= 0, "seed", "a whole number from 0 to 2^53 - 1");
  want(isPositiveDecimal(options.start_price), "start_price", "a positive decimal with at most 8 places");
  want(isPositiveDecimal(options.tick), "tick", "a positive decimal with at most 8 places");
  want(options.yearly_volatility >= 0 && options.yearly_volatility <= 5, "yearly_volatility", "0 to 5");
  want(
    Number.isSafeInteger(options.mean_volume) && options.mean_volume >= 0 && options.mean_volume <= 1e9,
    "mean_volume",
    "a whole number from 0 to 1e9",
  );
  want(Number.isSafeInteger(options.regime_minutes) && options.regime_minutes >= 1, "regime_minutes", "a whole number from 1 on");
  want(options.trend_strength >= 0 && options.trend_strength <= 10, "trend_strength", "0 to 10");
  want(options.reversion >= 0 && options.reversion <= 1, "reversion", "0 to 1");
  want(options.missing_probability >= 0 && options.missing_probability < 1, "missing_probability", "0 to below 1");
  if (wrong.length > 0) throw new RangeError(`bars cannot be generated: ${wrong.join("; ")}`);
}

function isPositiveDecimal(text: string): boolean {
  const places = decimalPlaces(text);
  return places !== null && places <= PRICE_SCALE && scaledOf(text, PRICE_SCALE) > 0;
}

/** FNV-1a, 32 bits, over the text's UTF-16 units. */
function hashOfText(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  return hash >>> 0;
}

function emptyColumns(symbol: string, capacity: number): BarColumns {
  const column = (): Float64Array => new Float64Array(capacity);
  return {
    symbol,
    timeframe: "1m",
    price_mode: "raw",
    basis: "trade",
    price_scale: PRICE_SCALE,
    volume_scale: 0,
    has_volume: true,
    rows: 0,
    ts: column(),
    open: column(),
    high: column(),
    low: column(),
    close: column(),
    volume: column(),
  };
}

function trimmed(columns: BarColumns, rows: number): BarColumns {
  if (rows === columns.ts.length) return { ...columns, rows };
  const part = (column: Float64Array): Float64Array => column.slice(0, rows);
  const { ts, open, high, low, close, volume } = columns;
  return { ...columns, rows, ts: part(ts), open: part(open), high: part(high), low: part(low), close: part(close), volume: part(volume) };
}
