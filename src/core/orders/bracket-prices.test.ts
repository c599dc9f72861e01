import { describe, expect, it } from "vitest";
import { type BracketPrices, type BracketRefusal, judgeBracket } from "./bracket-prices.js";

const crossed = { code: "BRACKET_LEGS_CROSS", detail: "the stop loss is not on the losing side of the take profit" };
const wrongStop = { code: "STOP_WRONG_SIDE", detail: "the stop loss is not on the losing side of the entry" };
const wrongTarget = { code: "TARGET_WRONG_SIDE", detail: "the take profit is not on the winning side of the entry" };

type Row = readonly [entry: number | null, target: number | null, stop: number | null, verdict: { code: string; detail: string } | null];

const long: readonly Row[] = [
  [100, 110, 90, null],
  [100, 101, 99, null],
  [100, null, 90, null],
  [100, 110, null, null],
  [100, null, null, null],
  [null, 110, 90, null],
  [null, null, 90, null],
  [null, 90, null, null],
  [100, 90, 95, crossed],
  [100, 95, 95, crossed],
  [null, 90, 95, crossed],
  [100, 110, 100, wrongStop],
  [100, null, 101, wrongStop],
  [100, 100, 90, wrongTarget],
  [100, 99, null, wrongTarget],
];

describe("the exits of a long entry", () => {
  it.each(long)("at %o with a target at %o and a stop at %o: %o", (entry, target, stop, verdict) => {
    expect(judgeBracket({ side: "buy", entry, target, stop })).toEqual(verdict);
  });
});

describe("the exits of a short entry are those of a long one in the mirror", () => {
  const mirrored = (price: number | null): number | null => (price === null ? null : 200 - price);

  it.each(long)("of %o with a target at %o and a stop at %o: %o", (entry, target, stop, verdict) => {
    const prices: BracketPrices = { side: "sell", entry: mirrored(entry), target: mirrored(target), stop: mirrored(stop) };
    expect(judgeBracket(prices)).toEqual(verdict);
  });
});

it("names the crossing of two exits before what each is to the entry", () => {
  const codes: readonly (BracketRefusal | undefined)[] = [
    judgeBracket({ side: "buy", entry: 100, target: 90, stop: 110 })?.code,
    judgeBracket({ side: "buy", entry: 100, target: 99, stop: 100 })?.code,
  ];
  expect(codes).toEqual(["BRACKET_LEGS_CROSS", "BRACKET_LEGS_CROSS"]);
});
