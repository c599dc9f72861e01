import { expect, test } from "vitest";
import { holdsCanonicalNumbers } from "./jsonb-text.js";

test.each(["0", "-1.5", "1e+21", "1e-7", "5e-324", "1.7976931348623157e+308", "9007199254740991", "0.30000000000000004"])(
  "the number %s as PostgreSQL writes it is the one that the tape wrote",
  (canonical) => {
    const [mantissa = "", exponent = "0"] = canonical.split("e");
    const [whole = "", fraction = ""] = mantissa.replace("-", "").split(".");
    const point = whole.length + Number(exponent);
    const digits = (whole + fraction).padEnd(point, "0");
    const plain =
      point <= 0
        ? `0.${"0".repeat(-point)}${digits}`
        : `${digits.slice(0, point)}${digits.length > point ? "." : ""}${digits.slice(point)}`;
    expect(holdsCanonicalNumbers(`{"a": ${mantissa.startsWith("-") ? "-" : ""}${plain}, "b": "1.50 e5"}`)).toBe(true);
  },
);

test.each(["1.50", "1.0", "0.30000000000000004000001", "1e5", "-0", "9007199254740993", "1e400"])(
  "the number %s reads as another text than the tape writes, so somebody changed it",
  (number) => {
    expect(holdsCanonicalNumbers(`{"a": [true, ${number}]}`)).toBe(false);
  },
);

test("digits inside of strings are nobody's business", () => {
  expect(holdsCanonicalNumbers('{"1.50": "1.50", "a\\"1.50": "\\\\", "b": 2}')).toBe(true);
});
