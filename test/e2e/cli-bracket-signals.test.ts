import { cpSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { repositoryRoot } from "../support/temporary-checkout.js";
import { json, onetape, scratchFolder } from "./cli-process.js";

const scratch = scratchFolder("bracket-signals");
const cwd = join(scratch.path, "inside-bar");

beforeAll(() => {
  for (const folder of ["inside-bar", "data"])
    cpSync(join(repositoryRoot, "examples", folder), join(scratch.path, folder), { recursive: true });
});
afterAll(scratch.remove);

describe("onetape signals", () => {
  test("exports the entries of a run, shows the file, and a config runs it", () => {
    const first = onetape(["backtest", "backtest.yaml", "--json"], { cwd });
    expect([first.code, first.stderr]).toEqual([0, first.stderr]);
    const exported = onetape(["signals", "export", "latest", "--output", "signals.csv", "--json"], { cwd });
    expect([exported.code, exported.stderr]).toEqual([0, ""]);
    // Each inside bar gave an entry either way; what is left of the example's 201 signals closes positions.
    const { signals } = json(exported) as { signals: number };
    expect(json(exported)).toMatchObject({ schema: "onetape.signals-export/1", output: "signals.csv", left_out: 0 });
    expect(signals).toBeGreaterThan(90);

    const shown = onetape(["signals", "show", "signals.csv", "--json"], { cwd });
    const document = json(shown) as { count: number; items: readonly { [key: string]: unknown }[] };
    expect(document.count).toBe(signals);
    expect(document.items[0]).toMatchObject({ symbol: "DEMO", strategy: "inside-bar", long_entry: expect.stringMatching(/^\d+(\.\d+)?$/) });
    expect(onetape(["signals", "export", "latest"], { cwd }).stdout).toBe(readFileSync(join(cwd, "signals.csv"), "utf8"));

    const config = readFileSync(join(cwd, "backtest.yaml"), "utf8")
      .replace(/^strategy: .*$/m, "signals: signals.csv")
      .replace(/^params:\n( .*\n)+/m, "");
    writeFileSync(join(cwd, "followed.yaml"), config);
    const followed = onetape(["backtest", "followed.yaml", "--json"], { cwd });
    expect([followed.code, followed.stderr]).toEqual([0, followed.stderr]);
    expect(onetape(["runs", "show", "latest"], { cwd }).stdout).toContain("bracket-signals 1.0.0");
    expect(json(followed)["fills"]).toBeGreaterThan(100);
    expect(json(onetape(["config", "show", "followed.yaml", "--json"], { cwd }))).toMatchObject({
      values: { signals: "signals.csv", "params.entry": "touch" },
    });
  });

  test("refuses a bad file with exit code 3 and every fault by line, in words and as JSON", () => {
    writeFileSync(
      join(cwd, "bad.csv"),
      "Symbol,Timestamp,Strategy,StrategyVersion,LongEntry,SL_Long\nDEMO,2024-01-02 15:00,s,1.0.0,0,\nDEMO,2024-01-02T15:00Z,s,1.0.0,5,6\n",
    );
    const told = onetape(["signals", "show", "bad.csv"], { cwd });
    expect(told.code).toBe(3);
    for (const part of ["bad.csv:2", "bad.csv:3", "TS_NAIVE", "SIGNAL_PRICE", "STOP_WRONG_SIDE"]) expect(told.stderr).toContain(part);
    const failed = json(onetape(["signals", "show", "bad.csv", "--json"], { cwd })) as unknown as { details: readonly { code: string }[] };
    expect(failed.details.map(({ code }) => code)).toEqual(["TS_NAIVE", "SIGNAL_PRICE", "STOP_WRONG_SIDE"]);
    expect(onetape(["signals", "show", "nowhere.csv"], { cwd }).code).toBe(3);
  });
});
