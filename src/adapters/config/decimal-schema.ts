import * as Type from "typebox";

const forms = {
  any: { pattern: "^-?(0|[1-9][0-9]*)(\\.[0-9]+)?$", expected: "a decimal number" },
  not_negative: { pattern: "^(0|[1-9][0-9]*)(\\.[0-9]+)?$", expected: "a decimal number, not negative" },
  positive: { pattern: "^(?!0(\\.0+)?$)(0|[1-9][0-9]*)(\\.[0-9]+)?$", expected: "a decimal number above 0" },
} as const;

/**
 * Schema of an exact decimal: text, or a number that is taken by the text it was written as. Checked values are text.
 */
export function decimal(
  sign: keyof typeof forms,
  options: { readonly description: string; readonly default?: string },
): Type.TUnsafe<string> {
  const { pattern, expected } = forms[sign];
  return Type.Unsafe<string>({
    ...options,
    anyOf: [{ type: "string", pattern }, sign === "any" ? { type: "number" } : { type: "number", minimum: 0 }],
    "x-onetape": "decimal",
    "x-expected": expected,
  });
}
