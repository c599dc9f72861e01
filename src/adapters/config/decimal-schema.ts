import * as Type from "typebox";

/** Which decimals a value may be. */
export type DecimalForm = "any" | "not_negative" | "positive" | "amount" | "loss" | "multiple" | "part" | "lost_part" | "share";

const NOT_ZERO = "(?!0(\\.0+)?$)";
const WHOLE = "(0|[1-9][0-9]{0,17})";

const forms: Readonly<Record<DecimalForm, { readonly pattern: string; readonly expected: string }>> = {
  any: { pattern: "^-?(0|[1-9][0-9]*)(\\.[0-9]+)?$", expected: "a decimal number" },
  not_negative: { pattern: "^(0|[1-9][0-9]*)(\\.[0-9]+)?$", expected: "a decimal number, not negative" },
  positive: { pattern: "^(?!0(\\.0+)?$)(0|[1-9][0-9]*)(\\.[0-9]+)?$", expected: "a decimal number above 0" },
  /** At most 18 digits on either side of the point, so that limits stay cheap to compare. */
  amount: { pattern: `^${NOT_ZERO}${WHOLE}(\\.[0-9]{1,18})?$`, expected: "an amount above 0, with at most 18 digits after the point" },
  /** A loss may be written with its sign. */
  loss: { pattern: `^-?${NOT_ZERO}${WHOLE}(\\.[0-9]{1,18})?$`, expected: "an amount other than 0, with or without a minus" },
  multiple: { pattern: `^${NOT_ZERO}${WHOLE}(\\.[0-9]{1,18})?$`, expected: "a fraction above 0, such as 0.25 for 25 %" },
  part: { pattern: `^${NOT_ZERO}(0(\\.[0-9]{1,18})?|1)$`, expected: "a fraction above 0 and at most 1, such as 0.05 for 5 %" },
  lost_part: {
    pattern: `^-?${NOT_ZERO}(0(\\.[0-9]{1,18})?|1)$`,
    expected: "a fraction above 0 and at most 1, such as 0.05 for 5 %, with or without a minus",
  },
  share: { pattern: "^(0(\\.[0-9]{1,18})?|1)$", expected: "a fraction from 0 to 1" },
};

const SIGNED: readonly DecimalForm[] = ["any", "loss", "lost_part"];

/**
 * Schema of an exact decimal: text, or a number that is taken by the text it was written as. Checked values are text.
 */
export function decimal(sign: DecimalForm, options: { readonly description: string; readonly default?: string }): Type.TUnsafe<string> {
  const { pattern, expected } = forms[sign];
  return Type.Unsafe<string>({
    ...options,
    anyOf: [{ type: "string", pattern }, SIGNED.includes(sign) ? { type: "number" } : { type: "number", minimum: 0 }],
    "x-onetape": "decimal",
    "x-expected": expected,
  });
}
