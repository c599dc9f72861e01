import { describe, expect, it } from "vitest";
import { validateFill } from "./validate-fill.js";
import { type StatedPortfolio, type StatedPosition, validateState } from "./validate-state.js";

const strict = { forbid_negative_cash: true, forbid_flat: true };

const position = (changes: Partial<StatedPosition> = {}): StatedPosition => ({
  key: "NG",
  symbol: "NG",
  settlement: "variation_margin",
  qty: "1",
  avg_price: "100",
  market_value: "200",
  unrealized_pnl: "100",
  realized_pnl: "0",
  ...changes,
});

const portfolio = (changes: Partial<StatedPortfolio> = {}): StatedPortfolio => ({
  cash: "1000",
  equity: "1100",
  fees: "0",
  positions: [position()],
  ...changes,
});

const codes = (stated: StatedPortfolio, rules: typeof strict = strict): readonly string[] =>
  validateState(stated, rules).map((i) => i.code);

describe("a stated portfolio", () => {
  it("of cash 1000 and variation of 100 has equity 1100; 999 is a mismatch", () => {
    expect(codes(portfolio())).toEqual([]);
    expect(validateState(portfolio({ equity: "999" }), strict)).toEqual([
      { code: "EQUITY_MISMATCH", subject: "equity", message: "equity is 999, cash and positions give 1100" },
    ]);
  });

  it("paid in full is worth its market value instead: one formula for each settlement", () => {
    const paid = position({ settlement: "cash" });
    expect(codes(portfolio({ positions: [paid], equity: "1200" }))).toEqual([]);
    expect(codes(portfolio({ positions: [paid], equity: "1100" }))).toEqual(["EQUITY_MISMATCH"]);
    const both = [paid, position({ key: "BR", symbol: "BR" })];
    expect(codes(portfolio({ positions: both, equity: "1300" }))).toEqual([]);
  });

  it.each<[string, Partial<StatedPortfolio>, readonly string[]]>([
    ["cash that is no number", { cash: "NaN" }, ["CASH_NAN"]],
    ["an infinite amount of cash", { cash: "Infinity" }, ["CASH_NAN"]],
    ["cash of a trillion", { cash: "1000000000000", equity: "1000000000100" }, ["CASH_ABS_LIMIT"]],
    ["cash of minus a trillion", { cash: "-1000000000000", equity: "-999999999900" }, ["CASH_ABS_LIMIT", "CASH_NEGATIVE"]],
    ["cash below zero", { cash: "-0.01", equity: "99.99" }, ["CASH_NEGATIVE"]],
    ["fees that were received", { fees: "1" }, ["FEES_SIGN"]],
    ["fees that are no number", { fees: "" }, ["FEES_SIGN"]],
    ["equity that is no number", { equity: "x" }, ["EQUITY_NAN"]],
    ["equity that profit does not explain", { by_profit: "1099.99" }, ["REALIZED_INVARIANT_BROKEN"]],
    ["equity by both roads", { by_profit: "1100.00" }, []],
    ["no positions", { positions: [], equity: "1000" }, []],
  ])("with %s", (_, changes, expected) => {
    expect(codes(portfolio(changes))).toEqual(expected);
  });

  it.each<[string, Partial<StatedPosition>, readonly string[]]>([
    ["stored under another key", { key: "BR" }, ["POS_KEY_MISMATCH"]],
    ["with a negative average price", { avg_price: "-1" }, ["POS_AVGPRICE_NEG"]],
    ["with a quantity that is no number", { qty: "one" }, ["POS_NAN"]],
    ["with open profit that is no number", { unrealized_pnl: "NaN" }, ["PNL_NAN"]],
    ["with realised profit that is no number", { realized_pnl: "1e3" }, ["PNL_NAN"]],
    ["with realised profit of a trillion", { realized_pnl: "-1000000000000" }, ["PNL_ABS_LIMIT"]],
    [
      "that is flat and still stored",
      { qty: "0", avg_price: "0", market_value: "0", unrealized_pnl: "0" },
      ["POS_FLAT_STORED", "EQUITY_MISMATCH"],
    ],
    ["that is flat with open profit", { qty: "0", market_value: "0" }, ["POS_FLAT_STORED", "POS_FLAT_UPNL"]],
    ["worth a trillion", { market_value: "-1000000000000" }, ["EXPOSURE_ABS_LIMIT"]],
  ])("with a position %s", (_, changes, expected) => {
    expect(codes(portfolio({ positions: [position(changes)] }))).toEqual(expected);
  });

  it("with two positions in one symbol counts both and says so", () => {
    expect(codes(portfolio({ positions: [position(), position()], equity: "1200" }))).toEqual(["POS_DUP"]);
  });

  it("with many faults tells all of them together", () => {
    const stated = portfolio({ cash: "-5", equity: "0", fees: "2", positions: [position({ key: "X", avg_price: "-1", qty: "0" })] });
    expect(codes(stated)).toEqual([
      "CASH_NEGATIVE",
      "FEES_SIGN",
      "POS_KEY_MISMATCH",
      "POS_AVGPRICE_NEG",
      "POS_FLAT_STORED",
      "POS_FLAT_UPNL",
      "EQUITY_MISMATCH",
    ]);
  });

  it("may owe cash and keep flat positions where the rules say so", () => {
    const loose = { forbid_negative_cash: false, forbid_flat: false };
    const flat = position({ qty: "0", avg_price: "0", market_value: "0", unrealized_pnl: "0" });
    expect(codes(portfolio({ cash: "-100", equity: "-100", positions: [flat] }), loose)).toEqual([]);
  });
});

describe("a stated fill", () => {
  const fill = { fill_id: "F2", commission: "0.5", qty_before: 5, qty_after: 0 };
  const rules = { known: new Set(["F1"]), forbid_flips: true };
  const found = (changes: Partial<typeof fill>, more: Partial<typeof rules> = {}): readonly string[] =>
    validateFill({ ...fill, ...changes }, { ...rules, ...more }).map((i) => i.code);

  it("needs an id of its own and a commission that is a cost", () => {
    expect(found({})).toEqual([]);
    expect(found({ fill_id: "" })).toEqual(["FILL_ID_REQUIRED"]);
    expect(found({ fill_id: "F1" })).toEqual(["DUPLICATE_FILL_DETECTED"]);
    expect(found({ commission: "-0.5" })).toEqual(["INVALID_COMMISSION_SIGN"]);
    expect(found({ commission: "NaN" })).toEqual(["INVALID_COMMISSION_SIGN"]);
  });

  it("may turn a position over only where nothing forbids it", () => {
    expect(found({ qty_after: -5 })).toEqual(["POSITION_SIGN_FLIP_WITHOUT_CLOSE"]);
    expect(found({ qty_before: -5, qty_after: 1 })).toEqual(["POSITION_SIGN_FLIP_WITHOUT_CLOSE"]);
    expect(found({ qty_after: -5 }, { forbid_flips: false })).toEqual([]);
  });

  it("with several faults tells all of them", () => {
    expect(found({ fill_id: "F1", commission: "-1", qty_after: -1 })).toEqual([
      "DUPLICATE_FILL_DETECTED",
      "INVALID_COMMISSION_SIGN",
      "POSITION_SIGN_FLIP_WITHOUT_CLOSE",
    ]);
  });
});
