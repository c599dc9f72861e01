import { bigOf, decimalPlaces, formatBig } from "../money/decimal.js";
import type { Json } from "../tape/event.js";
import type { ParamSchema } from "./params.js";

/**
 * Reads a parameter's value from text, as a command line states it. Numbers are taken by their digits.
 *
 * @returns the text itself where it is no value of the schema's kind: the schema's own check then says what was expected.
 */
export function paramFromText({ kind }: Pick<ParamSchema<Json>, "kind">, text: string): Json {
  switch (kind) {
    case "int":
    case "number": {
      const digits = shortestDecimalText(text);
      return digits === null ? text : Number(digits);
    }
    case "decimal":
      return shortestDecimalText(text) ?? text;
    case "boolean":
      return text === "true" ? true : text === "false" ? false : text;
    case "choice":
    case "text":
      return text;
  }
}

/** Decimal text without sign of zero, plus sign, leading or trailing zeros; null when the text is no plain decimal. */
export function shortestDecimalText(text: string): string | null {
  const places = decimalPlaces(text);
  return places === null ? null : formatBig(bigOf(text, places), places);
}
