/** The first part of a value that is not plain JSON. */
export interface NonJson {
  /** JSON pointer from the value's root; empty for the root itself. */
  readonly pointer: string;
  readonly value: unknown;
  readonly reason?: string;
}

/**
 * Finds what would not survive being written as JSON: undefined, NaN, infinities, bigint, functions, symbols, class
 * instances (a Map, a Date, a typed array), holes in arrays, `__proto__` keys and circles.
 */
export function findNonJson(value: unknown): NonJson | null {
  return search(value, "", []);
}

function search(value: unknown, pointer: string, above: readonly object[]): NonJson | null {
  if (value === null || typeof value === "boolean" || typeof value === "string") return null;
  if (typeof value === "number") return Number.isFinite(value) ? null : { pointer, value, reason: "use null for a missing number" };
  if (typeof value !== "object") return { pointer, value };
  if (above.includes(value)) return { pointer, value, reason: "it contains itself" };
  const path = [...above, value];
  if (Array.isArray(value)) {
    for (let i = 0; i < value.length; i++) {
      const found = search(value[i], `${pointer}/${i}`, path);
      if (found !== null) return found;
    }
    return null;
  }
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) return { pointer, value, reason: "only plain objects and arrays" };
  if (Object.getOwnPropertySymbols(value).length > 0) return { pointer, value, reason: "a symbol key" };
  for (const [key, part] of Object.entries(value)) {
    const at = `${pointer}/${key.replaceAll("~", "~0").replaceAll("/", "~1")}`;
    if (key === "__proto__") return { pointer: at, value: part, reason: "a key named __proto__" };
    const found = search(part, at, path);
    if (found !== null) return found;
  }
  return null;
}
