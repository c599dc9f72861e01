/**
 * RFC 8785 canonical JSON, with everything refused that would not survive a round trip or would hash by accident.
 *
 * @see RFC 8785, JSON Canonicalization Scheme
 */
import type { Violation } from "../quality/violation.js";

/** Deepest nesting of objects and arrays; the root is at depth 1. */
export const MAX_JSON_DEPTH = 32;
/** Longest canonical text, in UTF-8 bytes. */
export const MAX_JSON_BYTES = 1_048_576;
/** Refusals reported before the search for more is given up. */
export const MAX_REFUSALS = 64;

export type Canonical = { readonly ok: true; readonly text: string } | { readonly ok: false; readonly violations: readonly Violation[] };

/**
 * Canonical text of any JSON value, or everything that keeps it from having one.
 *
 * @param depth at which the value will stand in a larger one; 1 for a root.
 * @param maxBytes longest text; what events carry is bounded by {@link MAX_JSON_BYTES}.
 */
export function canonicalJson(value: unknown, depth: number = 1, maxBytes: number = MAX_JSON_BYTES): Canonical {
  const writer = new CanonicalWriter(maxBytes);
  const text = writer.write(value, depth);
  if (writer.violations.length > 0) return { ok: false, violations: writer.violations };
  return withinSize(text, maxBytes);
}

/** Like {@link canonicalJson}, for what an event may carry: an object. */
export function canonicalPayload(value: unknown): Canonical {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    const violation = {
      code: "JSON_NOT_AN_OBJECT",
      message: `a payload must be a JSON object, not ${kindOf(value)}`,
      field: "",
      expected: "object",
    };
    return { ok: false, violations: [violation] };
  }
  return canonicalJson(value);
}

/** Length of a text in UTF-8 bytes; a lone surrogate counts as three. */
export function utf8Length(text: string): number {
  let bytes = text.length;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit < 0x80) continue;
    if (unit < 0x800) bytes += 1;
    else if (unit >= 0xd800 && unit <= 0xdbff && isLowSurrogate(text.charCodeAt(i + 1))) {
      bytes += 2;
      i += 1;
    } else bytes += 2;
  }
  return bytes;
}

/** The canonical form of a string, or null where it holds NUL or a lone surrogate. */
export function quoteJson(text: string): string | null {
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit < 0x20 || unit === 0x22 || unit === 0x5c || unit > 0x7e) return quoteEscaped(text);
  }
  return `"${text}"`;
}

function quoteEscaped(text: string): string | null {
  if (text.includes("\0") || /\p{Surrogate}/u.test(text)) return null;
  return JSON.stringify(text);
}

function isLowSurrogate(unit: number): boolean {
  return unit >= 0xdc00 && unit <= 0xdfff;
}

function withinSize(text: string, maxBytes: number): Canonical {
  const bytes = text.length * 3 <= maxBytes ? text.length : utf8Length(text);
  if (bytes <= maxBytes) return { ok: true, text };
  const message = `canonical JSON of ${bytes} bytes is longer than ${maxBytes}`;
  return {
    ok: false,
    violations: [{ code: "JSON_TOO_LARGE", message, field: "", value: `${bytes}`, expected: `<= ${maxBytes} bytes` }],
  };
}

function kindOf(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "array";
  return typeof value;
}

class CanonicalWriter {
  readonly violations: Violation[] = [];
  readonly #path: (string | number)[] = [];
  readonly #maxBytes: number;
  #characters = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  write(value: unknown, depth: number): string {
    switch (typeof value) {
      case "string":
        return this.#string(value);
      case "number":
        return this.#number(value);
      case "boolean":
        return value ? "true" : "false";
      case "object":
        if (value === null) return "null";
        return this.#nested(value, depth);
      default:
        return this.#refuse(
          `JSON_${typeof value}`.toUpperCase(),
          `${typeof value} has no JSON form`,
          describe(value),
          "string, number, boolean, null, array or object",
        );
    }
  }

  #string(text: string): string {
    this.#characters += text.length;
    const quoted = quoteJson(text);
    if (quoted !== null) return quoted;
    if (text.includes("\0"))
      return this.#refuse("JSON_NUL", "a string holds the NUL character", JSON.stringify(text), "text without U+0000");
    return this.#refuse(
      "JSON_LONE_SURROGATE",
      "a string holds a surrogate without its partner",
      JSON.stringify(text),
      "well-formed Unicode",
    );
  }

  #number(value: number): string {
    if (value >= -Number.MAX_SAFE_INTEGER && value <= Number.MAX_SAFE_INTEGER) return String(value);
    if (Number.isFinite(value)) {
      return this.#refuse(
        "JSON_UNSAFE_INTEGER",
        `${value} is beyond the integers that a number holds exactly`,
        String(value),
        "at most 2^53-1 in magnitude; larger ones as decimal text",
      );
    }
    return this.#refuse("JSON_NOT_FINITE", `${value} is not a number that JSON can hold`, String(value), "a finite number");
  }

  #nested(value: object, depth: number): string {
    if (depth > MAX_JSON_DEPTH)
      return this.#refuse("JSON_TOO_DEEP", `nesting is deeper than ${MAX_JSON_DEPTH}`, `depth ${depth}`, `depth <= ${MAX_JSON_DEPTH}`);
    if (this.#exhausted()) return "";
    return Array.isArray(value) ? this.#array(value, depth) : this.#object(value, depth);
  }

  #array(values: readonly unknown[], depth: number): string {
    let text = "[";
    for (let i = 0; i < values.length && !this.#exhausted(); i++) {
      this.#path.push(i);
      text += (i === 0 ? "" : ",") + this.write(values[i], depth + 1);
      this.#path.pop();
      this.#characters += 1;
    }
    return `${text}]`;
  }

  #object(value: object, depth: number): string {
    if (!isPlain(value)) {
      return this.#refuse(
        "JSON_NOT_PLAIN",
        "only plain objects and arrays have a JSON form",
        describe(value),
        "a plain object, or text made from it",
      );
    }
    if (Object.getOwnPropertySymbols(value).length > 0) {
      return this.#refuse("JSON_SYMBOL_KEY", "an object has a key that is a symbol", describe(value), "string keys only");
    }
    let text = "{";
    let separator = "";
    for (const key of sortedKeys(value)) {
      if (this.#exhausted()) break;
      const member = value[key];
      this.#path.push(key);
      if (key === "__proto__") this.#refuse("JSON_PROTO_KEY", "the key __proto__ is refused", key, "another key");
      text += `${separator}${this.#string(key)}:${this.write(member, depth + 1)}`;
      separator = ",";
      this.#path.pop();
    }
    return `${text}}`;
  }

  /** Bounds the work on cyclic, wide or huge values. */
  #exhausted(): boolean {
    return this.violations.length >= MAX_REFUSALS || this.#characters > 2 * this.#maxBytes;
  }

  #refuse(code: string, message: string, value: string, expected: string): string {
    if (this.violations.length < MAX_REFUSALS) {
      const field = this.#path.map((part) => `/${String(part).replaceAll("~", "~0").replaceAll("/", "~1")}`).join("");
      this.violations.push({
        code,
        message: `${message} (at ${field === "" ? "the root" : field})`,
        field,
        value: value.slice(0, 200),
        expected,
      });
    }
    return "null";
  }
}

/** Keys in the order of their UTF-16 units, which is how `sort` orders text. Most objects are made in that order. */
function sortedKeys(value: object): readonly string[] {
  const keys = Object.keys(value);
  for (let i = 1; i < keys.length; i++) {
    if ((keys[i - 1] ?? "") > (keys[i] ?? "")) return keys.sort();
  }
  return keys;
}

function isPlain(value: object): value is { readonly [key: string]: unknown } {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

function describe(value: unknown): string {
  if (typeof value === "object" && value !== null) return Object.prototype.toString.call(value);
  return String(value);
}
