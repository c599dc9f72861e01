import { MAX_JSON_BYTES, MAX_JSON_DEPTH } from "./canonical-json.js";

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_ARRAY = 0x5b;
const CLOSE_ARRAY = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;
/** Characters that may follow a backslash where the escape is the only canonical way to write what it stands for. */
const ESCAPED = '"\\bfnrt';
/** Digits that every integer may have without leaving the safe ones. */
const SAFE_DIGITS = 15;
const NOWHERE = -1;

/**
 * Whether a text certainly is the canonical JSON of an object, found in one pass and without building the object.
 *
 * False says nothing: a text with rare escapes, or one that is canonical in a way that this pass does not follow, has to be parsed and
 * written again by {@link canonicalPayload}, which alone can say what is wrong.
 */
export function isSurelyCanonical(text: string): boolean {
  if (text.length * 3 > MAX_JSON_BYTES || text.charCodeAt(0) !== OPEN_OBJECT) return false;
  return afterObject(text, 0, 1) === text.length;
}

/** @returns where the value that begins at `at` ends, or {@link NOWHERE}. */
function afterValue(text: string, at: number, depth: number): number {
  switch (text.charCodeAt(at)) {
    case QUOTE:
      return afterString(text, at);
    case OPEN_OBJECT:
      return afterObject(text, at, depth);
    case OPEN_ARRAY:
      return afterArray(text, at, depth);
    case 0x74:
      return text.startsWith("true", at) ? at + 4 : NOWHERE;
    case 0x66:
      return text.startsWith("false", at) ? at + 5 : NOWHERE;
    case 0x6e:
      return text.startsWith("null", at) ? at + 4 : NOWHERE;
    default:
      return afterNumber(text, at);
  }
}

function afterObject(text: string, open: number, depth: number): number {
  if (depth > MAX_JSON_DEPTH) return NOWHERE;
  let at = open + 1;
  if (text.charCodeAt(at) === CLOSE_OBJECT) return at + 1;
  let before = NOWHERE;
  for (;;) {
    const colon = text.charCodeAt(at) === QUOTE ? afterKey(text, at + 1) : NOWHERE;
    if (colon === NOWHERE || (before !== NOWHERE && !isAscending(text, before, at + 1))) return NOWHERE;
    before = at + 1;
    at = afterValue(text, colon + 1, depth + 1);
    if (at === NOWHERE) return NOWHERE;
    const unit = text.charCodeAt(at);
    if (unit === CLOSE_OBJECT) return at + 1;
    if (unit !== COMMA) return NOWHERE;
    at += 1;
  }
}

function afterArray(text: string, open: number, depth: number): number {
  if (depth > MAX_JSON_DEPTH) return NOWHERE;
  let at = open + 1;
  if (text.charCodeAt(at) === CLOSE_ARRAY) return at + 1;
  for (;;) {
    at = afterValue(text, at, depth + 1);
    if (at === NOWHERE) return NOWHERE;
    const unit = text.charCodeAt(at);
    if (unit === CLOSE_ARRAY) return at + 1;
    if (unit !== COMMA) return NOWHERE;
    at += 1;
  }
}

/** @returns where the colon behind the key stands whose first character is at `at`. A key with an escape is none that this pass can order. */
function afterKey(text: string, at: number): number {
  let end = at;
  for (let unit = text.charCodeAt(end); unit !== QUOTE; unit = text.charCodeAt(++end)) {
    if (unit === BACKSLASH || !isPlain(unit)) return NOWHERE;
  }
  if (text.charCodeAt(end + 1) !== COLON) return NOWHERE;
  return end === at + 9 && text.startsWith("__proto__", at) ? NOWHERE : end + 1;
}

function afterString(text: string, quote: number): number {
  for (let at = quote + 1; ; at++) {
    const unit = text.charCodeAt(at);
    if (unit === QUOTE) return at + 1;
    if (unit === BACKSLASH) {
      at += 1;
      if (!ESCAPED.includes(text.charAt(at)) || at >= text.length) return NOWHERE;
    } else if (!isPlain(unit)) return NOWHERE;
  }
}

/** Whether a UTF-16 unit stands for itself; surrogates are left to the slow way, and behind the end there is NaN. */
function isPlain(unit: number): boolean {
  return unit >= 0x20 && (unit < 0xd800 || unit > 0xdfff);
}

function afterNumber(text: string, start: number): number {
  let end = start;
  let integer = true;
  for (; ; end++) {
    const unit = text.charCodeAt(end);
    if (unit >= 0x30 && unit <= 0x39) continue;
    // What else a number may hold: + - . E e.
    if (unit !== 0x2b && unit !== 0x2d && unit !== 0x2e && unit !== 0x45 && unit !== 0x65) break;
    integer = false;
  }
  const length = end - start;
  if (length === 0) return NOWHERE;
  if (integer && length <= SAFE_DIGITS) return length === 1 || text.charCodeAt(start) !== 0x30 ? end : NOWHERE;
  const token = text.slice(start, end);
  const value = Number(token);
  return Math.abs(value) <= Number.MAX_SAFE_INTEGER && String(value) === token ? end : NOWHERE;
}

/** Whether the key at `next` comes after the one at `before` in the order of UTF-16 units. Both end at their quote. */
function isAscending(text: string, before: number, next: number): boolean {
  for (let i = 0; ; i++) {
    const a = text.charCodeAt(before + i);
    const b = text.charCodeAt(next + i);
    if (a === b && a !== QUOTE) continue;
    if (a === QUOTE) return b !== QUOTE;
    return b !== QUOTE && a < b;
  }
}
