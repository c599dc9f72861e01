import type { Json } from "./event.js";

/** A place at which two JSON values differ. A side is absent where the value has nothing at that place. */
export interface JsonDifference {
  /** JSON pointer (RFC 6901); empty for the value as a whole. */
  readonly path: string;
  readonly left?: Json;
  readonly right?: Json;
}

/** Every place at which two values differ, as deep as it can be told, in order of keys and indices. */
export function jsonDifferences(left: Json | undefined, right: Json | undefined): readonly JsonDifference[] {
  const found: JsonDifference[] = [];
  compare(left, right, "", found);
  return found;
}

function compare(left: Json | undefined, right: Json | undefined, path: string, found: JsonDifference[]): void {
  if (isList(left) && isList(right)) {
    for (let i = 0; i < Math.max(left.length, right.length); i++) compare(left[i], right[i], `${path}/${i}`, found);
    return;
  }
  if (isObject(left) && isObject(right)) {
    for (const key of [...new Set([...Object.keys(left), ...Object.keys(right)])].sort())
      compare(ownOf(left, key), ownOf(right, key), `${path}/${escaped(key)}`, found);
    return;
  }
  if (left === right) return;
  found.push({ path, ...(left === undefined ? {} : { left }), ...(right === undefined ? {} : { right }) });
}

function isList(value: Json | undefined): value is readonly Json[] {
  return Array.isArray(value);
}

function isObject(value: Json | undefined): value is { readonly [key: string]: Json } {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function ownOf(value: { readonly [key: string]: Json }, key: string): Json | undefined {
  return Object.hasOwn(value, key) ? value[key] : undefined;
}

function escaped(key: string): string {
  return key.replaceAll("~", "~0").replaceAll("/", "~1");
}
