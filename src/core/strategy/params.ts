import type { Json } from "../tape/event.js";

/** A parameter's type, default and bounds. */
export interface ParamSchema<T extends Json> {
  readonly kind: "int" | "number" | "decimal" | "boolean" | "choice" | "text";
  readonly default: T;
  readonly description?: string;
  /** Null when `value` is fine; otherwise what was expected, in words. */
  check(value: unknown): string | null;
}

export type ParamSchemas = { readonly [name: string]: ParamSchema<Json> };

export type ParamValues<P extends ParamSchemas> = { readonly [K in keyof P]: P[K] extends ParamSchema<infer T> ? T : never };
