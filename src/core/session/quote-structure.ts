/**
 * The structure of a quote's payload, checked by hand: feeds bring thousands a second, and walking a schema for each costs more than all else
 * that is done with them. What passes here passes the schema; what does not is asked of the schema, which also says what is wrong.
 */
import { MAX_EVENT_TIME } from "../tape/event-id.js";
import { FIRST_EVENT_TIME } from "./risk-command.js";

const SEGMENT = /^[A-Za-z0-9_:@+-][A-Za-z0-9._:@+-]{0,79}$/;
const NAME_LENGTH = 120;
const AMOUNT_LENGTH = 64;
const DAY_LENGTH = 10;

/** True only for payloads of spots, volatilities and rates of exchange that their schemas admit; false says nothing. */
export function isQuotePayload(payload: object): boolean {
  if (!has(payload, "ts", "source", "sequence", "quote")) return false;
  const { ts, source, sequence, quote } = payload;
  return (
    isWhole(ts, FIRST_EVENT_TIME, MAX_EVENT_TIME) &&
    typeof source === "string" &&
    SEGMENT.test(source) &&
    isWhole(sequence, 0, Number.MAX_SAFE_INTEGER) &&
    typeof quote === "object" &&
    quote !== null &&
    isQuote(quote)
  );
}

function isQuote(quote: object): boolean {
  if (has(quote, "kind", "symbol", "currency", "price", "dividend_yield"))
    return (
      quote.kind === "spot" &&
      isText(quote.symbol, 1, NAME_LENGTH) &&
      isText(quote.currency, 1, NAME_LENGTH) &&
      (quote.price === null || isText(quote.price, 0, AMOUNT_LENGTH)) &&
      isText(quote.dividend_yield, 0, AMOUNT_LENGTH)
    );
  if (has(quote, "kind", "pair", "rate"))
    return quote.kind === "fx" && isText(quote.pair, 1, NAME_LENGTH) && isText(quote.rate, 0, AMOUNT_LENGTH);
  return (
    has(quote, "kind", "underlying", "expiry", "strike", "volatility") &&
    quote.kind === "volatility" &&
    isText(quote.underlying, 1, NAME_LENGTH) &&
    (quote.expiry === null || isText(quote.expiry, 0, DAY_LENGTH)) &&
    (quote.strike === null || isText(quote.strike, 0, AMOUNT_LENGTH)) &&
    isText(quote.volatility, 0, AMOUNT_LENGTH)
  );
}

/** These fields of its own, and no others. */
function has<Name extends string>(value: object, ...names: readonly Name[]): value is { readonly [name in Name]: unknown } {
  if (Array.isArray(value) || Object.keys(value).length !== names.length) return false;
  for (const name of names) if (!Object.hasOwn(value, name)) return false;
  return true;
}

function isWhole(value: unknown, least: number, most: number): boolean {
  return typeof value === "number" && Number.isInteger(value) && value >= least && value <= most;
}

/** A schema counts characters as readers see them, of which a text has at most as many as units. */
function isText(value: unknown, least: number, most: number): boolean {
  return typeof value === "string" && value.length >= least && value.length <= most;
}
