import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { ExitKey, externalKey, idempotencyKey, legacyExternalKey, type Sha1Fn, SignalKey } from "./idempotency-key.js";

const sha1: Sha1Fn = (text) => createHash("sha1").update(text).digest("hex");
const wish = { run_id: "r1", strategy: "inside_bar", strategy_version: "1.0.0", symbol: "AAPL", side: "BUY" } as const;

describe("the canonical key", () => {
  it("is strategy:symbol:side:bar_ts:sequence", () => {
    const key = idempotencyKey({ strategy: "ema", symbol: "BTCUSDT", bar_ts: 1_641_000_000_000, sequence: 2 }, "sell");
    expect(key).toBe("ema:BTCUSDT:sell:1641000000000:2");
  });
});

describe("the external key", () => {
  // Golden keys of the order-file recipe: sha1 over run_id|strategy|strategy_version|symbol|side|oco_id-or-empty, first 16 digits.
  it("has its golden value with an OCO id", () => {
    expect(externalKey({ ...wish, qualifier: "AAPL_20250102_150000" }, sha1)).toBe("f7ee2938e54aa4d3");
  });

  it("in its original form has its golden value without one", () => {
    expect(legacyExternalKey({ ...wish, qualifier: "" }, sha1)).toBe("62fe476f1b746a77");
    expect(legacyExternalKey({ ...wish, qualifier: "AAPL_20250102_150000" }, sha1)).toBe("f7ee2938e54aa4d3");
  });

  it("refuses an empty qualifier, because two bars of one run would collide", () => {
    expect(() => externalKey({ ...wish, qualifier: "" }, sha1)).toThrow(
      new RangeError("an external key needs an OCO id or a bar time; without one two signals collide"),
    );
    expect(externalKey({ ...wish, qualifier: "1641000000000" }, sha1)).not.toBe(externalKey({ ...wish, qualifier: "1641000060000" }, sha1));
  });
});

describe("a key that the engine makes", () => {
  const origin = { strategy: "s", symbol: "AAA", bar_ts: 7, sequence: 2 };

  it("is spelled from its signal, and the same whenever it is read", () => {
    const key = new SignalKey(origin, "sell");
    expect([key.text, key.text]).toEqual(["s:AAA:sell:7:2", "s:AAA:sell:7:2"]);
  });

  it("is its entry's for an exit, with the leg", () => {
    expect(new ExitKey({ key: "s:AAA:buy:7:2" }, "take_profit").text).toBe("s:AAA:buy:7:2:take_profit");
  });
});
