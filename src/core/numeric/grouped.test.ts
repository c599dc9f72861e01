import { expect, it } from "vitest";
import { grouped } from "./grouped.js";

it.each([
  [0, "0"],
  [999, "999"],
  [1000, "1,000"],
  [-1_234_567, "-1,234,567"],
  ["-123", "-123"],
  ["101364.86", "101,364.86"],
  ["-1003.123456", "-1,003.123456"],
])("%s reads %s", (value, text) => {
  expect(grouped(value)).toBe(text);
});
