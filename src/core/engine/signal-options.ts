/**
 * Makes what a strategy asks for exact, or refuses it by name.
 *
 * Strategies are bundled without a type check, so nothing here trusts the types: a word that is not in its set never becomes an order.
 */

import type { Calendar } from "../market/calendar.js";
import { formatScaled, parseScaled } from "../money/decimal.js";
import { decimalOfNumber, snapToStep } from "../money/from-number.js";
import type { Units } from "../money/units.js";
import { CLOSING_PART } from "../orders/idempotency-key.js";
import { TRAIL_PCT_SCALE } from "../orders/trail.js";
import { nearestName } from "../quality/nearest-name.js";
import type { ModifyOptions, SignalOptions } from "../strategy/strategy.js";
import { canonicalJson, quoteJson } from "../tape/canonical-json.js";
import type { JsonObject, UtcMillis } from "../tape/event.js";
import type { OrderModifyRequested, OrderType, SignalAction, SignalEmitted, TimeInForce } from "./run-events.js";

/** A strategy asked for something that cannot be. */
export class BadOrder extends Error {}

const ORDER_TYPES: readonly OrderType[] = ["market", "limit", "stop", "stop_limit", "trailing_stop", "market_on_close"];
const TIMES_IN_FORCE: readonly TimeInForce[] = ["DAY", "GTC", "GTD", "IOC", "FOK"];
const MIN_EXTERNAL_ID = 8;
const MAX_EXTERNAL_ID = 200;
/** Begins the keys with which the engine itself closes positions at the end of the data. */
export const FLATTEN_KEY = "flatten:";
/** The same for those with which a tripped kill switch closes them. */
export const KILL_KEY = "kill_switch:";
/** The form of the keys that the engine derives: see `idempotencyKey`. */
const DERIVED_KEY = /:(?:buy|sell):-?\d+:\d+$/;
/** End the keys of the exits that an entry brings along. */
const EXIT_KEYS = [":stop_loss", ":take_profit"];
/** Longest canonical metadata, in UTF-16 units: a signal must stay well below what a payload may hold. */
const MAX_METADATA = 262_144;
const OPTIONS: Record<keyof SignalOptions, true> = {
  symbol: true,
  strength: true,
  type: true,
  limit: true,
  stop: true,
  qty: true,
  trail: true,
  trail_pct: true,
  tif: true,
  expire: true,
  oco: true,
  take_profit: true,
  stop_loss: true,
  external_id: true,
  metadata: true,
};
const MODIFY: Record<keyof ModifyOptions, true> = { qty: true, limit: true, stop: true, trail: true, trail_pct: true, expire: true };
const TARGET: Record<string, true> = { symbol: true, strength: true, external_id: true, metadata: true };

/** A signal on its way to the tape. */
export type SignalDraft = { -readonly [K in keyof SignalEmitted]: SignalEmitted[K] };

/** The parts of a signal that its options decide. */
type SignalTerms = Omit<SignalEmitted, "signal_id" | "symbol" | "action" | "strategy" | "bar_ts" | "sequence">;

/** A market order for the session, of the run's own size: what a wish without options asks for. */
export function signalDraft(symbol: string, action: SignalAction, ts: UtcMillis): SignalDraft {
  return {
    signal_id: "",
    symbol,
    action,
    strength: 1,
    strategy: "",
    bar_ts: ts,
    sequence: 0,
    order_type: "market",
    time_in_force: "DAY",
  };
}

/** What a strategy's numbers are made exact with. */
export interface TermsOf {
  readonly units: Units;
  readonly calendar: Calendar;
}

/** Writes a strategy's options into its signal. @throws {BadOrder} for anything that is missing, of the wrong kind or out of range. */
export function exactTerms(terms: SignalDraft, options: SignalOptions, of: TermsOf): void {
  const { units } = of;
  refuseUnknown("option", options, OPTIONS);
  const type = oneOf("order type", options.type ?? "market", ORDER_TYPES);
  const tif = oneOf("time in force", options.tif ?? "DAY", TIMES_IN_FORCE);
  refuseTogether(type, tif);
  const limit = type === "limit" || type === "stop_limit" ? needed("limit", type, options.limit) : unused("limit", type, options.limit);
  const stop = type === "stop" || type === "stop_limit" ? needed("stop", type, options.stop) : unused("stop", type, options.stop);
  terms.strength = exactStrength(options.strength);
  terms.order_type = type;
  terms.time_in_force = tif;
  // Assigned one by one: spreads of what is mostly absent cost more than the checks.
  if (options.qty !== undefined) terms.qty = exactQty(options.qty, units);
  if (limit !== undefined) terms.limit_price = exactPrice("limit", limit, units);
  if (stop !== undefined) terms.stop_price = exactPrice("stop", stop, units);
  addTrail(terms, type, options, units);
  if (tif === "GTD") terms.expire_at = exactExpiry(options.expire, of.calendar);
  else if (options.expire !== undefined)
    throw new BadOrder('only a GTD order expires at a moment of its own; give tif "GTD", or leave expire out');
  if (options.oco !== undefined) terms.oco = groupName(options.oco);
  addExits(terms, options, units);
  if (options.external_id !== undefined) terms.external_id = externalId(options.external_id);
  if (options.metadata !== undefined) terms.metadata = plainMetadata(options.metadata);
}

/** Writes a target into its signal. @throws {BadOrder} */
export function exactTarget(terms: SignalDraft, percent: number | string, options: SignalOptions): void {
  refuseUnknown("option", options, TARGET);
  terms.strength = exactStrength(options.strength);
  terms.target_pct = exactPercent("target percent", percent);
  if (options.external_id !== undefined) terms.external_id = externalId(options.external_id);
  if (options.metadata !== undefined) terms.metadata = plainMetadata(options.metadata);
}

/** @throws {BadOrder} */
export function exactChange(orderId: string, terms: ModifyOptions, of: TermsOf): OrderModifyRequested {
  const { units } = of;
  refuseUnknown("term", terms, MODIFY);
  if (Object.values(terms).every((value) => value === undefined)) throw new BadOrder(`a change of ${orderId} names no new term`);
  return {
    order_id: orderId,
    ...(terms.qty === undefined ? {} : { qty: exactQty(terms.qty, units) }),
    ...(terms.limit === undefined ? {} : { limit_price: exactPrice("limit", terms.limit, units) }),
    ...(terms.stop === undefined ? {} : { stop_price: exactPrice("stop", terms.stop, units) }),
    ...trailDistance(terms, units),
    ...(terms.expire === undefined ? {} : { expire_at: exactExpiry(terms.expire, of.calendar) }),
  };
}

function exactStrength(strength = 1): number {
  if (!(typeof strength === "number" && strength >= 0 && strength <= 1))
    throw new BadOrder(`strength must lie between 0 and 1, got ${strength}`);
  // A negative zero has no canonical text.
  return strength + 0;
}

/** An order that waits for a moment cannot be one that acts at once. */
function refuseTogether(type: OrderType, tif: TimeInForce): void {
  const atOnce = tif === "IOC" || tif === "FOK";
  if (type === "trailing_stop" && atOnce) throw new BadOrder(`a trailing_stop order waits for its price and cannot be ${tif}`);
  if (type === "market_on_close" && tif !== "DAY") throw new BadOrder(`a market_on_close order is for this session: DAY, not ${tif}`);
}

function addTrail(terms: SignalDraft, type: OrderType, options: SignalOptions, units: Units): void {
  if (type !== "trailing_stop") {
    if (options.trail !== undefined || options.trail_pct !== undefined)
      throw new BadOrder(`a ${type} order does not trail; give type "trailing_stop", or leave the trail out`);
    return;
  }
  Object.assign(terms, trailDistance(options, units));
  if (terms.trail_amount === undefined && terms.trail_pct === undefined)
    throw new BadOrder("a trailing_stop order needs a trail, or a trail_pct");
}

function trailDistance(
  { trail, trail_pct }: Pick<SignalOptions, "trail" | "trail_pct">,
  units: Units,
): Pick<SignalTerms, "trail_amount" | "trail_pct"> {
  if (trail !== undefined && trail_pct !== undefined) throw new BadOrder("give either trail or trail_pct, not both");
  if (trail !== undefined) return { trail_amount: exactPrice("trail", trail, units) };
  if (trail_pct === undefined) return {};
  const pct = exactPercent("trail_pct", trail_pct);
  if (!(Number(pct) > 0 && Number(pct) < 100)) throw new BadOrder(`trail_pct must lie between 0 and 100, got ${pct}`);
  return { trail_pct: pct };
}

/** Exits come with an entry; for an exit, or a group of orders, they would protect nothing. */
function addExits(terms: SignalDraft, { take_profit, stop_loss }: SignalOptions, units: Units): void {
  if (take_profit === undefined && stop_loss === undefined) return;
  if (terms.action !== "enter_long" && terms.action !== "enter_short")
    throw new BadOrder("take_profit and stop_loss belong to enterLong and enterShort");
  if (take_profit !== undefined) terms.take_profit_price = exactPrice("take_profit", take_profit, units);
  if (stop_loss !== undefined) terms.stop_loss_price = exactPrice("stop_loss", stop_loss, units);
}

function exactExpiry(expire: UtcMillis | string | undefined, calendar: Calendar): UtcMillis {
  if (expire === undefined) throw new BadOrder("a GTD order needs expire: UTC milliseconds, or a session date such as 2024-01-31");
  if (typeof expire === "number") {
    if (!Number.isSafeInteger(expire) || Math.abs(expire) > LATEST) throw new BadOrder(`expire ${expire} is no time in UTC milliseconds`);
    return expire + 0;
  }
  try {
    const session = calendar.sessionOn(expire);
    if (session !== null) return session.close;
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new BadOrder(`expire "${expire}" is no session date that ${calendar.id} knows: ${error.message}`);
  }
  throw new BadOrder(`${calendar.id} has no session on ${expire}`);
}

/** Largest time that a date can be. */
const LATEST = 8.64e15;

const GROUP_NAME = /^[\x21-\x7e]{1,100}$/;

function groupName(oco: string): string {
  if (typeof oco !== "string" || !GROUP_NAME.test(oco))
    throw new BadOrder(`oco "${String(oco).slice(0, 50)}" is no name of 1 to 100 printable characters without spaces`);
  return oco;
}

/** Decimal text of a percentage, at most {@link TRAIL_PCT_SCALE} places. */
function exactPercent(name: string, percent: number | string): string {
  const text = typeof percent === "number" && Number.isFinite(percent) ? decimalOfNumber(percent) : percent;
  const exact = typeof text === "string" ? parseScaled(text, TRAIL_PCT_SCALE) : null;
  if (exact === null || Math.abs(exact) > MAX_PERCENT)
    throw new BadOrder(`${name} ${String(percent)} is no percentage with at most ${TRAIL_PCT_SCALE} places and 100000 at most`);
  return formatScaled(exact, TRAIL_PCT_SCALE);
}

const MAX_PERCENT = 100_000_000_000;

function oneOf<T extends string>(name: string, value: string, allowed: readonly T[]): T {
  const found = allowed.find((a) => a === value);
  if (found === undefined) throw new BadOrder(`${name} "${value}" does not exist; known are ${allowed.join(", ")}`);
  return found;
}

function needed(name: string, type: OrderType, price: number | string | undefined): number | string {
  if (price === undefined) throw new BadOrder(`a ${type} order needs a ${name} price`);
  return price;
}

/** A price that would be ignored is a mistake: without its type the order would trade at any price. */
function unused(name: "limit" | "stop", type: OrderType, price: number | string | undefined): undefined {
  if (price !== undefined)
    throw new BadOrder(`a ${type} order has no ${name} price; give type "${name}" or "stop_limit", or leave the price out`);
}

function refuseUnknown(kind: string, options: object, known: { readonly [name: string]: true }): void {
  for (const key of Object.keys(options)) {
    if (Object.hasOwn(known, key)) continue;
    const nearest = nearestName(key, Object.keys(known));
    throw new BadOrder(
      `there is no ${kind} "${key}"; ${nearest === null ? `known are ${Object.keys(known).join(", ")}` : `did you mean "${nearest}"?`}`,
    );
  }
}

/** Numbers are floored to the lot on their decimal digits; text must fit the instrument's quantity scale. Zero is left to sizing to decline. */
function exactQty(qty: number | string, units: Units): string {
  if (typeof qty === "number") {
    if (!Number.isFinite(qty) || qty < 0) throw new BadOrder(`quantity must be a number of zero or more, got ${qty}`);
    return snapped("quantity", qty, () => formatScaled(snapToStep(qty, units.qty_scale, units.lot, "floor"), units.qty_scale));
  }
  const exact = typeof qty === "string" ? parseScaled(qty, units.qty_scale) : null;
  if (exact === null || exact < 0) throw new BadOrder(`quantity "${qty}" is no decimal with at most ${units.qty_scale} places`);
  return formatScaled(exact, units.qty_scale);
}

/** Numbers are rounded half-even to the tick on their decimal digits; text must fit the instrument's price scale. */
function exactPrice(name: string, price: number | string, units: Units): string {
  if (typeof price === "number") {
    if (!Number.isFinite(price) || price <= 0) throw new BadOrder(`${name} price must be a positive number, got ${price}`);
    return snapped(`${name} price`, price, () =>
      formatScaled(snapToStep(price, units.price_scale, units.tick, "half_even"), units.price_scale),
    );
  }
  const exact = typeof price === "string" ? parseScaled(price, units.price_scale) : null;
  if (exact === null || exact <= 0)
    throw new BadOrder(`${name} price "${price}" is no positive decimal with at most ${units.price_scale} places`);
  return formatScaled(exact, units.price_scale);
}

function snapped(name: string, value: number, snap: () => string): string {
  try {
    return snap();
  } catch (error) {
    if (error instanceof RangeError) throw new BadOrder(`${name} ${decimalOfNumber(value)} is too large for the instrument's units`);
    throw error;
  }
}

function externalId(id: string): string {
  if (typeof id !== "string" || id.length < MIN_EXTERNAL_ID || id.length > MAX_EXTERNAL_ID || quoteJson(id) === null)
    throw new BadOrder(
      `external_id "${String(id).slice(0, 50)}" is no well-formed text of ${MIN_EXTERNAL_ID} to ${MAX_EXTERNAL_ID} characters`,
    );
  for (const own of [FLATTEN_KEY, KILL_KEY])
    if (id.startsWith(own)) throw new BadOrder(`external_id "${id.slice(0, 50)}": ids that begin with "${own}" are the engine's own`);
  if (DERIVED_KEY.test(id))
    throw new BadOrder(`external_id "${id.slice(0, 50)}": ids of the form strategy:symbol:side:time:number are the engine's own`);
  const exit = EXIT_KEYS.find((end) => id.endsWith(end));
  if (exit !== undefined) throw new BadOrder(`external_id "${id.slice(0, 50)}": ids that end with "${exit}" are those of an entry's exits`);
  if (id.endsWith(CLOSING_PART))
    throw new BadOrder(`external_id "${id.slice(0, 50)}": ids that end with "${CLOSING_PART}" are those of orders that the engine split`);
  return id;
}

/** Metadata stands one level below its event's payload. */
const METADATA_DEPTH = 2;

function plainMetadata(metadata: JsonObject): JsonObject {
  const canonical = canonicalJson(metadata, METADATA_DEPTH);
  if (!canonical.ok) {
    const first = canonical.violations[0];
    throw new BadOrder(`metadata is no plain JSON: ${first?.field ?? ""} ${first?.message ?? ""}`);
  }
  if (!canonical.text.startsWith("{")) throw new BadOrder("metadata must be an object");
  if (canonical.text.length > MAX_METADATA)
    throw new BadOrder(`metadata of ${canonical.text.length} characters is longer than ${MAX_METADATA}`);
  // A copy: what is recorded is what was known when the signal was made, even if the strategy goes on writing to its object.
  return JSON.parse(canonical.text) as JsonObject;
}
