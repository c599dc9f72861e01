import { describe, expect, it } from "vitest";
import { afterRefusal } from "./run-refusal.js";

const refusedFor = (...violations: readonly { code: string; file?: string; line?: number; field?: string }[]): string =>
  afterRefusal(
    violations.map((violation) => ({ message: "", ...violation })),
    "backtest.yaml",
  );

describe("what helps after a run was refused", () => {
  it("is the line of the strategy's file where the strategy alone is at fault", () => {
    const import9 = { code: "STRATEGY_IMPORT_REFUSED", file: "strategy.ts", line: 9 };
    expect(refusedFor(import9, { code: "STRATEGY_ASYNC", file: "strategy.ts", line: 12 })).toBe(
      "mend strategy.ts:9, then onetape backtest backtest.yaml",
    );
    expect(refusedFor({ code: "STRATEGY_EMPTY_UNIVERSE", file: "strategy.ts" })).toBe(
      "mend strategy.ts, then onetape backtest backtest.yaml",
    );
  });

  it("is the list of what there is where bars are missing", () => {
    expect(refusedFor({ code: "UNKNOWN_SYMBOL", line: 9 }, { code: "SYMBOL_UNKNOWN", line: 9 })).toBe("onetape data list");
  });

  it("is the schema where the config is at fault", () => {
    expect(refusedFor({ code: "CONFIG_VALUE", line: 3, field: "/sizing" })).toBe("onetape config schema");
    expect(refusedFor({ code: "STRATEGY_ASYNC" }, { code: "CONFIG_VALUE" })).toBe("onetape config schema");
    expect(refusedFor({ code: "FILE_NOT_FOUND", line: 3, field: "/strategy" })).toBe("onetape config schema");
  });

  it("is the help where there is no config", () => {
    expect(refusedFor({ code: "FILE_NOT_FOUND", file: "nope.yaml" })).toBe("onetape backtest --help");
  });
});
