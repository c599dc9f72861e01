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

  const issue = (code: string, subject: string, message: string): object => ({ code, subject, message });
  const loose = { forbid_negative_cash: false, forbid_flat: false };
  it.each<[Partial<StatedPortfolio>, Partial<StatedPosition>, object]>([
    [{ cash: "NaN" }, {}, issue("CASH_NAN", "cash", 'cash is "NaN"')],
    [{ cash: "1e3" }, {}, issue("CASH_NAN", "cash", 'cash is "1e3"')],
    [{ cash: `0.${"1".repeat(41)}` }, {}, issue("CASH_NAN", "cash", `cash is "0.${"1".repeat(41)}"`)],
    [
      { cash: "1000000000000", equity: "1000000000100" },
      {},
      issue("CASH_ABS_LIMIT", "cash", "cash 1000000000000 is not below 1000000000000"),
    ],
    [{ cash: "-0.01", equity: "99.99" }, {}, issue("CASH_NEGATIVE", "cash", "cash is -0.01")],
    [{ fees: "1" }, {}, issue("FEES_SIGN", "fees", "fees are 1: a cost is 0 or negative")],
    [{ equity: "x", by_profit: "y" }, {}, issue("EQUITY_NAN", "equity", 'equity is "x"')],
    [{ by_profit: "1099.99" }, {}, issue("REALIZED_INVARIANT_BROKEN", "equity", "equity is 1100, start, profit and costs give 1099.99")],
    [{}, { key: "BR" }, issue("POS_KEY_MISMATCH", "BR", "the position of NG is stored under BR")],
    [{}, { qty: "one" }, issue("POS_NAN", "NG", "quantity, price or value of NG is no number")],
    [{}, { avg_price: "one" }, issue("POS_NAN", "NG", "quantity, price or value of NG is no number")],
    [{}, { market_value: "one" }, issue("POS_NAN", "NG", "quantity, price or value of NG is no number")],
    [{}, { avg_price: "-1" }, issue("POS_AVGPRICE_NEG", "NG", "the average price of NG is -1")],
    [{}, { unrealized_pnl: "x" }, issue("PNL_NAN", "NG", 'unrealized profit is "x"')],
    [{}, { realized_pnl: "x" }, issue("PNL_NAN", "NG", 'realized profit is "x"')],
    [{}, { realized_pnl: "1000000000000" }, issue("PNL_ABS_LIMIT", "NG", "realized profit 1000000000000 is not below 1000000000000")],
    [{}, { market_value: "1000000000000" }, issue("EXPOSURE_ABS_LIMIT", "exposure", "exposure is not below 1000000000000")],
    [{}, { qty: "0", avg_price: "0" }, issue("POS_FLAT_STORED", "NG", "NG is flat and still stored")],
  ])("with %o and a position with %o says what is wrong, where and how", (changes, more, expected) => {
    expect(validateState(portfolio({ positions: [position(more)], ...changes }), strict)[0]).toEqual(expected);
  });

  it("that is flat and has open profit, or is stated twice, says so", () => {
    expect(validateState(portfolio({ positions: [position({ qty: "0" })] }), loose)).toEqual([
      issue("POS_FLAT_UPNL", "NG", "NG is flat and has open profit of 100"),
    ]);
    expect(validateState(portfolio({ positions: [position(), position()], equity: "1200" }), strict)).toEqual([
      issue("POS_DUP", "NG", "NG is stated twice"),
    ]);
    expect(codes(portfolio({ positions: [position({ qty: "0", unrealized_pnl: "x" })] }), loose)).toEqual(["PNL_NAN"]);
  });

  it("compares up to forty places, and has no debt at zero", () => {
    const small = `0.${"0".repeat(39)}1`;
    expect(codes(portfolio({ cash: small, equity: `100.${"0".repeat(39)}1` }))).toEqual([]);
    expect(codes(portfolio({ cash: small, equity: "100" }))).toEqual(["EQUITY_MISMATCH"]);
    expect(codes(portfolio({ cash: "0", equity: "100" }))).toEqual([]);
    expect(codes(portfolio({ equity: "x", by_profit: "1100" }))).toEqual(["EQUITY_NAN"]);
    expect(codes(portfolio({ by_profit: "x" }))).toEqual(["REALIZED_INVARIANT_BROKEN"]);
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

  it.each(["0", "12", "0.25", "10.125"])("may have a commission of %s", (commission) => {
    expect(found({ commission })).toEqual([]);
  });

  it.each(["", "-0", "1.", ".5", "1.2x", "1e3", " 1"])("may not have a commission of %j", (commission) => {
    expect(found({ commission })).toEqual(["INVALID_COMMISSION_SIGN"]);
  });

  it("that is refused says why", () => {
    const messages = (changes: Partial<typeof fill>): readonly string[] =>
      validateFill({ ...fill, ...changes }, rules).map((i) => i.message);
    expect(messages({ fill_id: "" })).toEqual(["a fill has no id"]);
    expect(messages({ fill_id: "F1" })).toEqual(["fill F1 was booked before"]);
    expect(messages({ commission: "-1" })).toEqual(["the commission of F2 is -1"]);
    expect(messages({ qty_after: -5 })).toEqual(["fill F2 turns a position of 5 into one of -5"]);
  });

  it("may turn a position over only where nothing forbids it", () => {
    expect(found({ qty_after: -5 })).toEqual(["POSITION_SIGN_FLIP_WITHOUT_CLOSE"]);
    expect(found({ qty_before: -5, qty_after: 1 })).toEqual(["POSITION_SIGN_FLIP_WITHOUT_CLOSE"]);
    expect(found({ qty_after: -5 }, { forbid_flips: false })).toEqual([]);
    expect(found({ qty_before: -5, qty_after: 0 })).toEqual([]);
    expect(found({ qty_before: 0, qty_after: -5 })).toEqual([]);
  });

  it("with several faults tells all of them", () => {
    expect(found({ fill_id: "F1", commission: "-1", qty_after: -1 })).toEqual([
      "DUPLICATE_FILL_DETECTED",
      "INVALID_COMMISSION_SIGN",
      "POSITION_SIGN_FLIP_WITHOUT_CLOSE",
    ]);
  });
});
