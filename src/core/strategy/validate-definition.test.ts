import { describe, expect, test } from "vitest";
import { int, sma } from "./index.js";
import { checkDefinition, validateDefinition } from "./validate-definition.js";

const meta = { name: "ema-cross", version: "1.0.0", universe: ["BTCUSDT"], timeframe: "1m", required_fields: ["close"], session: "all" };
const good = { meta, params: { fast: int({ default: 3, min: 1 }) }, onBar: () => {} };

function codes(definition: unknown): readonly (readonly [string, string | undefined])[] {
  return validateDefinition(definition).map(({ code, field }) => [code, field]);
}

describe("a definition", () => {
  test("that is sound has no violations and gets its type", () => {
    const definition = {
      ...good,
      state: () => ({ count: 0, last: [1, null] }),
      indicators: ({ fast }: { fast: number }) => ({ mean: sma(fast) }),
      warmup: () => 5,
      defaults: { sizing: { mode: "fixed", qty: "1" } },
      onEnd: () => {},
    };
    expect(validateDefinition(definition)).toEqual([]);
    expect(checkDefinition(definition)).toEqual({ kind: "valid", definition });
  });

  test.each([undefined, null, 5, "x", [], () => {}])("%s is no definition", (value) => {
    expect(codes(value)).toEqual([["STRATEGY_NOT_A_DEFINITION", ""]]);
  });

  test("with many faults reports all of them at once", () => {
    const definition = {
      meta: { name: "My Strategy", version: "1.0", universe: [], timeframe: "2m", required_fields: [], session: "night", author: "x" },
      params: { fast: int({ default: 0, min: 1 }), slow: 20 },
      defaults: { execution: 5, sizng: {} },
      onbar: () => {},
      onFill: async () => {},
      onEnd: "later",
    };
    expect(codes(definition)).toEqual([
      ["STRATEGY_UNKNOWN_KEY", "/onbar"],
      ["STRATEGY_UNKNOWN_KEY", "/meta/author"],
      ["STRATEGY_NAME", "/meta/name"],
      ["STRATEGY_VERSION", "/meta/version"],
      ["STRATEGY_EMPTY_UNIVERSE", "/meta/universe"],
      ["STRATEGY_EMPTY_REQUIRED_FIELDS", "/meta/required_fields"],
      ["STRATEGY_TIMEFRAME", "/meta/timeframe"],
      ["STRATEGY_SESSION", "/meta/session"],
      ["STRATEGY_PARAM_DEFAULT", "/params/fast/default"],
      ["STRATEGY_PARAM_SCHEMA", "/params/slow"],
      ["STRATEGY_UNKNOWN_KEY", "/defaults/sizng"],
      ["STRATEGY_DEFAULTS", "/defaults/execution"],
      ["STRATEGY_ASYNC_HANDLER", "/onFill"],
      ["STRATEGY_HANDLER", "/onEnd"],
      ["STRATEGY_NO_BAR_HANDLER", "/onBar"],
    ]);
  });

  test("with a misspelt key names the nearest one", () => {
    const [found] = validateDefinition({ ...good, onBarrs: () => {} });
    expect(found?.message).toBe('unknown key "onBarrs"; did you mean onBars?');
    expect(validateDefinition({ ...good, meta: { ...meta, timefrane: "1m" } })[0]?.expected).toBe("timeframe");
  });

  test.each(["a", "ema-cross", "x2_y3", "a".repeat(64)])("may be called %s", (name) => {
    expect(codes({ ...good, meta: { ...meta, name } })).toEqual([]);
  });

  test.each(["", "A", "2x", "a:b", "a b", "-a", "a-", "a--b", "ä", "a".repeat(65), 5])("may not be called %s", (name) => {
    expect(codes({ ...good, meta: { ...meta, name } })).toEqual([["STRATEGY_NAME", "/meta/name"]]);
  });

  test.each(["1", "1.0", "v1.0.0", "1.0.0-beta", "01.0.0", " 1.0.0", 1])("may not have version %s", (version) => {
    expect(codes({ ...good, meta: { ...meta, version } })).toEqual([["STRATEGY_VERSION", "/meta/version"]]);
  });

  test("names each bad and each repeated symbol and field by its place", () => {
    const bad = { ...meta, universe: ["BRK.B", "", "A B", "A:B", "BRK.B", 5], required_fields: ["close", "adj_close", "close"] };
    expect(codes({ ...good, meta: bad })).toEqual([
      ["STRATEGY_SYMBOL", "/meta/universe/1"],
      ["STRATEGY_SYMBOL", "/meta/universe/2"],
      ["STRATEGY_SYMBOL", "/meta/universe/3"],
      ["STRATEGY_DUPLICATE_SYMBOL", "/meta/universe/4"],
      ["STRATEGY_SYMBOL", "/meta/universe/5"],
      ["STRATEGY_UNKNOWN_FIELD", "/meta/required_fields/1"],
      ["STRATEGY_DUPLICATE_FIELD", "/meta/required_fields/2"],
    ]);
  });

  test("with onBar and onBars is refused", () => {
    expect(codes({ ...good, onBars: () => {} })).toEqual([["STRATEGY_TWO_BAR_HANDLERS", "/onBars"]]);
  });

  test("with a generator or an async generator as handler is refused", () => {
    expect(codes({ ...good, *onFill() {}, async *onEnd() {} })).toEqual([
      ["STRATEGY_ASYNC_HANDLER", "/onFill"],
      ["STRATEGY_ASYNC_HANDLER", "/onEnd"],
    ]);
  });

  test.each<[string, unknown, string]>([
    ["a Map", { seen: new Map() }, "/state/seen"],
    ["a Date", { at: { start: new Date(0) } }, "/state/at/start"],
    ["NaN", { xs: [1, Number.NaN] }, "/state/xs/1"],
    ["undefined", { a: undefined }, "/state/a"],
    ["a function", { f: () => 1 }, "/state/f"],
    ["a bigint", { n: 1n }, "/state/n"],
    ["a class instance", { q: new (class Queue {})() }, "/state/q"],
    ["a typed array", { xs: new Float64Array(2) }, "/state/xs"],
    ["a hole", { xs: new Array(2) }, "/state/xs/0"],
    ["an own key __proto__", JSON.parse('{"a":{"__proto__":1}}'), "/state/a/__proto__"],
    ["a number alone", 5, "/state"],
    ["a list", [], "/state"],
  ])("whose state holds %s is refused at that place", (_what, state, field) => {
    expect(codes({ ...good, state: () => state })).toEqual([["STRATEGY_STATE", field]]);
  });

  test("whose state contains itself is refused", () => {
    const state: { self?: unknown } = {};
    state.self = state;
    expect(codes({ ...good, state: () => state })).toEqual([["STRATEGY_STATE", "/state/self"]]);
  });

  test("the same object twice in a state is fine, it is no circle", () => {
    const part = { x: 1 };
    expect(codes({ ...good, state: () => ({ a: part, b: part }) })).toEqual([]);
  });

  test("whose factories fail with the default parameters says which and why", () => {
    const found = validateDefinition({ ...good, indicators: () => ({ mean: sma(0) }), warmup: () => -1 });
    expect(found.map(({ code, field }) => [code, field])).toEqual([
      ["STRATEGY_WARMUP", "/warmup"],
      ["STRATEGY_THREW", "/indicators"],
    ]);
    expect(found[1]?.message).toBe(
      "indicators failed with the default parameters: sma: the period must be a whole number from 1 to 1000000, got 0",
    );
  });

  test("whose indicators are no indicators is refused", () => {
    expect(codes({ ...good, indicators: () => ({ a: sma(2), b: 5 }) })).toEqual([["STRATEGY_INDICATORS", "/indicators/b"]]);
  });
});
