/**
 * Makes what a strategy asks for exact, or refuses it by name.
 *
 * Strategies are bundled without a type check, so nothing here trusts the types: a word that is not in its set never becomes an order.
 */
import { formatScaled, parseScaled } from "../money/decimal.js";
import { decimalOfNumber, snapToStep } from "../money/from-number.js";
import type { Units } from "../money/units.js";
import { nearestName } from "../quality/nearest-name.js";
import type { SignalOptions } from "../strategy/strategy.js";
import { canonicalJson, quoteJson } from "../tape/canonical-json.js";
import type { JsonObject } from "../tape/event.js";
import type { OrderType, SignalEmitted, TimeInForce } from "./run-events.js";

/** A strategy asked for something that cannot be. */
export class BadOrder extends Error {}

const ORDER_TYPES: readonly OrderType[] = ["market", "limit", "stop", "stop_limit"];
const TIMES_IN_FORCE: readonly TimeInForce[] = ["DAY", "GTC", "IOC", "FOK"];
const MIN_EXTERNAL_ID = 8;
const MAX_EXTERNAL_ID = 200;
/** Longest canonical metadata, in UTF-16 units: a signal must stay well below what a payload may hold. */
const MAX_METADATA = 262_144;
const OPTIONS: Record<keyof SignalOptions, true> = {
  symbol: true,
  strength: true,
  type: true,
  limit: true,
  stop: true,
  qty: true,
  tif: true,
  external_id: true,
  metadata: true,
};

/** The parts of a signal that its options decide. */
export type SignalTerms = Pick<
  SignalEmitted,
  "strength" | "order_type" | "time_in_force" | "qty" | "limit_price" | "stop_price" | "external_id" | "metadata"
>;

/** @throws {BadOrder} for anything that is missing, of the wrong kind or out of range. */
export function exactTerms(options: SignalOptions, units: Units): SignalTerms {
  refuseUnknown(options);
  const type = oneOf("order type", options.type ?? "market", ORDER_TYPES);
  const tif = oneOf("time in force", options.tif ?? "DAY", TIMES_IN_FORCE);
  const strength = options.strength ?? 1;
  if (!(typeof strength === "number" && strength >= 0 && strength <= 1))
    throw new BadOrder(`strength must lie between 0 and 1, got ${strength}`);
  const limit = type === "limit" || type === "stop_limit" ? needed("limit", type, options.limit) : unused("limit", type, options.limit);
  const stop = type === "stop" || type === "stop_limit" ? needed("stop", type, options.stop) : unused("stop", type, options.stop);
  return {
    // A negative zero has no canonical text.
    strength: strength + 0,
    order_type: type,
    time_in_force: tif,
    ...(options.qty === undefined ? {} : { qty: exactQty(options.qty, units) }),
    ...(limit === undefined ? {} : { limit_price: exactPrice("limit", limit, units) }),
    ...(stop === undefined ? {} : { stop_price: exactPrice("stop", stop, units) }),
    ...(options.external_id === undefined ? {} : { external_id: externalId(options.external_id) }),
    ...(options.metadata === undefined ? {} : { metadata: plainMetadata(options.metadata) }),
  };
}

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

function refuseUnknown(options: SignalOptions): void {
  for (const key of Object.keys(options)) {
    if (Object.hasOwn(OPTIONS, key)) continue;
    const nearest = nearestName(key, Object.keys(OPTIONS));
    throw new BadOrder(
      `there is no option "${key}"; ${nearest === null ? `known are ${Object.keys(OPTIONS).join(", ")}` : `did you mean "${nearest}"?`}`,
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
