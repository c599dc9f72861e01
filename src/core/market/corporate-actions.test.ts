import { describe, expect, it } from "vitest";
import { formatDay } from "./civil-date.js";
import { corporateActions } from "./corporate-actions.js";
import { parseFactorFile } from "./factor-file.js";

function actions(rows: readonly string[], decimals = 2): readonly string[] {
  const parsed = parseFactorFile(rows.join("\n"), "f.csv");
  if (parsed.kind === "invalid") throw new Error(JSON.stringify(parsed.violations));
  return corporateActions(parsed.rows, decimals).map(({ ex_day, dividend, split, reference_price }) =>
    [
      formatDay(ex_day),
      dividend === null ? "" : `pays ${dividend.per_share}`,
      split === null ? "" : `${split.numerator} for ${split.denominator}`,
      `at ${reference_price}`,
    ]
      .filter((part) => part !== "")
      .join(" "),
  );
}

describe("a dividend", () => {
  it("is reference price x (1 - factor / next factor), in cents, on the day after the row", () => {
    // SPY's first dividend of 1998 in its factor file: 109.34 x (1 - 0.6566606 / 0.6585481) = 0.3133866.
    expect(actions(["19980102,0.6566606,1,1", "19980319,0.6566606,1,109.34", "19980618,0.6585481,1,111.16"])).toEqual([
      "1998-03-20 pays 0.31 at 109.34",
      "1998-06-19 pays 37.96 at 111.16",
    ]);
  });

  it("is rounded half-even to the currency's minor unit", () => {
    // 100 x (1 - 0.99945) = 0.055, a tie; 100 x (1 - 0.99955) = 0.045, another.
    expect(actions(["20240102,0.99945,1,100", "20501231,1,1,0"])).toEqual(["2024-01-03 pays 0.06 at 100"]);
    expect(actions(["20240102,0.99955,1,100", "20501231,1,1,0"])).toEqual(["2024-01-03 pays 0.04 at 100"]);
    expect(actions(["20240102,0.9,1,1234", "20501231,1,1,0"], 0)).toEqual(["2024-01-03 pays 123 at 1234"]);
  });

  it("that rounds to nothing is none", () => {
    expect(actions(["20240102,0.99999,1,100", "20501231,1,1,0"])).toEqual([]);
  });
});

describe("a split", () => {
  it.each([
    // As the factor files of AAPL, AIG, TWX and UUO-like reverse splits write them.
    ["7 for 1 out of seven decimals", "0.03571430", "0.25", "7 for 1"],
    ["2 for 1 out of eight decimals", "0.00892857", "0.01785710", "2 for 1"],
    ["2 for 1, one in 7,000 off", "0.1", "0.20002932", "2 for 1"],
    ["3 for 2 out of four decimals", "7.11111022", "10.66670000", "3 for 2"],
    ["5 for 4", "10.66670000", "13.333300", "5 for 4"],
    ["1 for 20", "20", "1", "1 for 20"],
    ["1 for 3 out of four decimals", "1", "0.3333", "1 for 3"],
    ["a share dividend of 0.27 % is taken as it is", "0.997307", "1", "1000000 for 997307"],
    ["no simple ratio is near", "8", "2.052", "513 for 2000"],
  ])("of %s", (_, now, next, expected) => {
    expect(actions([`20140606,1,${now},100`, `20501231,1,${next},0`])[0]).toBe(`2014-06-07 ${expected} at 100`);
  });

  it("and a dividend of one day are one action", () => {
    expect(actions(["20240102,0.99,0.5,100", "20501231,1,1,0"])).toEqual(["2024-01-03 pays 1 2 for 1 at 100"]);
  });
});

it("a last row with factors of 1 changes nothing, one without them changes on the day after", () => {
  expect(actions(["20240102,1,1,100"])).toEqual([]);
  expect(actions(["20240102,1,0.5,100"])).toEqual(["2024-01-03 2 for 1 at 100"]);
});
