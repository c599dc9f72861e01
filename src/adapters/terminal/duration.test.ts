import { expect, it } from "vitest";
import { durationText } from "./duration.js";

it.each([
  [0, "0 ms"],
  [250.4, "250 ms"],
  [1000, "1 s"],
  [8540, "8.5 s"],
  [59_999, "59.9 s"],
  [125_000, "2 m 05 s"],
  [13_523_400, "3 h 45 m"],
  [86_399_999, "23 h 59 m"],
  [1_058_400_000, "12 d 06 h"],
])("%d ms read %s", (ms, text) => {
  expect(durationText(ms)).toBe(text);
});
