import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { replayRun } from "../../src/usecases/replay-run.js";
import { runBacktest } from "../../src/usecases/run-backtest.js";
import { type BacktestWorkspace, backtestWorkspace } from "../support/backtest-workspace.js";
import { columnsOf, type HandBar } from "../support/engine-fixture.js";

let workspace: BacktestWorkspace;
beforeEach(async () => {
  workspace = await backtestWorkspace();
});
afterEach(() => workspace.close());

const HEAD = "Symbol,Timestamp,Strategy,StrategyVersion,LongEntry,ShortEntry,SL_Long,SL_Short,TP_Long,TP_Short,Setup,Score";
const CONFIG = `signals: signals.csv
data: [{ symbol: DEMO, price_mode: raw }]
account: { currency: USD, cash: 100000 }
sizing: { mode: fixed, qty: 10 }
instruments:
  - { symbol: DEMO, asset_class: equity, currency: USD, price_tick: 0.01, lot_step: 1, min_qty: 1, multiplier: 1, settlement: cash, calendar: `;

/** New York opens at 14:30 UTC in January: minute 870 of the day. */
const OPEN = 870;
const calm = (minute: number, price = 100): HandBar => [minute, price, price, price, price];

async function run(
  signals: readonly string[],
  bars: readonly HandBar[],
  { calendar = "XNYS", more = "" }: { readonly calendar?: string; readonly more?: string } = {},
): ReturnType<typeof runBacktest> {
  workspace.bars.set("DEMO", columnsOf("DEMO", bars));
  await writeFile(join(workspace.folder, "signals.csv"), [HEAD, ...signals, ""].join("\n"));
  const configPath = join(workspace.folder, "signals.yaml");
  await writeFile(configPath, `${CONFIG}${calendar} }\n${more}`);
  return runBacktest(workspace.ports, { configPath });
}

type Row = { readonly [column: string]: string };

/** Rows of one of the run's tables. */
async function table(outcome: Awaited<ReturnType<typeof runBacktest>>, name: string): Promise<readonly Row[]> {
  if (outcome.kind !== "ok") throw new Error(JSON.stringify(outcome));
  const [head = "", ...lines] = (await readFile(join(outcome.result.dir ?? "", `${name}.csv`), "utf8")).trimEnd().split("\n");
  const names = head.split(",");
  return lines.map((line) => Object.fromEntries(line.split(",").map((cell, i) => [names[i] ?? "", cell])));
}

async function fills(outcome: Awaited<ReturnType<typeof runBacktest>>): Promise<readonly string[]> {
  return (await table(outcome, "fills")).map((row) => `${row["ts"]?.slice(11, 16)} ${row["side"]} ${row["qty"]}@${row["price"]}`);
}

describe("a run of a signal file", () => {
  const long = "DEMO,2024-01-02T14:31:00Z,inside_bar,1.0.0,101,,99,,105,,inside,0.8";

  it("containing both stop and target in one bar books the stop", async () => {
    const outcome = await run([long], [calm(OPEN + 1), [OPEN + 2, 100, 101, 100, 101], [OPEN + 3, 101, 106, 98, 103], calm(OPEN + 4)]);
    expect(await fills(outcome)).toEqual(["14:32 buy 10@101", "14:33 sell 10@99"]);
  });

  it("places nothing before its time: a bar that was under way fills none of its orders", async () => {
    const reaches: HandBar = [OPEN + 2, 100, 110, 90, 100];
    const outcome = await run(
      [long.replace("14:31:00", "14:31:30")],
      [calm(OPEN + 1), reaches, [OPEN + 3, 100, 101, 100, 101], calm(OPEN + 4, 101)],
    );
    expect(await fills(outcome)).toEqual(["14:33 buy 10@101"]);
  });

  it("whose two entries wait either way fills the first and cancels the other with it", async () => {
    const name = `a-name-as-long-as-it-may-be-${"x".repeat(36)}`;
    const both = `DEMO,2024-01-02T14:31:00Z,${name},1.0.${"9".repeat(60)},102,98,97,103,110,90,,`;
    const outcome = await run([both], [calm(OPEN + 1), [OPEN + 2, 100, 100, 98, 98], [OPEN + 3, 98, 102, 96, 102], calm(OPEN + 4, 102)]);
    expect(await fills(outcome)).toEqual(["14:32 sell 10@98"]);
    expect((await table(outcome, "orders")).map((row) => `${row["side"]} ${row["order_type"]} ${row["status"]}`).slice(0, 4)).toEqual([
      "buy stop cancelled",
      "sell stop cancelled",
      "sell limit cancelled",
      "sell stop filled",
    ]);
  });

  it("enters by limit where the price has passed the entry already", async () => {
    const below = "DEMO,2024-01-02T14:31:00Z,s,1.0.0,99,,98,,,,,";
    expect(await fills(await run([below], [calm(OPEN + 1), [OPEN + 2, 100, 100, 98.5, 99], calm(OPEN + 3, 99)]))).toEqual([
      "14:32 buy 10@99",
    ]);
    const asStop = await run([below], [calm(OPEN + 1), calm(OPEN + 2), calm(OPEN + 3)], { more: "params: { entry: stop }\n" });
    expect(await fills(asStop)).toEqual(["14:32 buy 10@100"]);
  });

  it("is flat at the session's close, unless it is told to hold", async () => {
    const CLOSE = OPEN + 390;
    const bars = [calm(OPEN + 1), [OPEN + 2, 100, 101, 100, 101] as HandBar, calm(CLOSE - 1, 102), calm(CLOSE, 103)];
    expect(await fills(await run([long], bars))).toEqual(["14:32 buy 10@101", "21:00 sell 10@103"]);
    expect(await fills(await run([long], bars, { more: "params: { flat_at_close: false }\n" }))).toEqual(["14:32 buy 10@101"]);
  });

  it("says which signals no bar was there for", async () => {
    const times = ["2024-01-02T14:29:00Z", "2024-01-02T14:31:00Z", "2024-01-02T18:00:00Z"];
    const outcome = await run(
      times.map((time) => `DEMO,${time},s,1.0.0,150,,,,,,,`),
      [calm(OPEN + 1), calm(OPEN + 2)],
    );
    const rows = await table(outcome, "signals");
    expect(rows.map((row) => row["action"])).toEqual(["hold", "enter_long", "hold"]);
  });

  it("is identical when it runs again, is replayed at every level, and is another run when a signal changes", async () => {
    const bars = [calm(OPEN + 1), [OPEN + 2, 100, 101, 100, 101] as HandBar, calm(OPEN + 3, 101)];
    const first = await run([long], bars);
    const again = await run([long.replace("101,,99", "101.00,,99.0")], bars);
    if (first.kind !== "ok" || again.kind !== "ok") throw new Error("no run");
    expect(again.result).toMatchObject({ run_id: first.result.run_id, identical: true });
    const found = await workspace.ports.runs.find(first.result.run_id);
    if (found.kind !== "found") throw new Error("the run was not stored");
    await writeFile(join(workspace.folder, "signals.csv"), "gone");
    const replayed = await replayRun(workspace.ports, { run: found.run });
    expect(replayed.kind === "report" && replayed.report.verified).toBe(true);
    const other = await run([long.replace(",105,", ",106,")], bars);
    expect(other.kind === "ok" && other.result.run_id).not.toBe(first.result.run_id);
  });
});

describe("a config of signals", () => {
  const good = "DEMO,2024-01-02T14:31:00Z,s,1.0.0,101,,,,,,,";
  const refused = async (signals: readonly string[], more = ""): Promise<readonly (readonly unknown[])[]> => {
    const outcome = await run(signals, [calm(OPEN + 1)], { more });
    if (outcome.kind !== "invalid") throw new Error(JSON.stringify(outcome));
    return outcome.violations.map(({ code, file, line, field }) => [code, file?.split("/").at(-1), line, field]);
  };

  it("is refused with every fault of the file and of the config at once", async () => {
    expect(await refused([good.replace("101", "-1"), good.replace("1.0.0", "1")], "on_end: never\n")).toEqual([
      ["CONFIG_VALUE", "signals.yaml", 7, "/on_end"],
      ["SIGNAL_PRICE", "signals.csv", 2, "LongEntry"],
      ["SIGNAL_VALUE", "signals.csv", 3, "StrategyVersion"],
    ]);
  });

  it("is refused for a symbol without bars, by the signal's line", async () => {
    expect(await refused([good, good.replace("DEMO", "AAPL")])).toEqual([["UNKNOWN_SYMBOL", "signals.csv", 3, "Symbol"]]);
  });

  it("is refused where it names a strategy as well, a file that is not there, or neither", async () => {
    expect(await refused([good], "strategy: strategy.ts\n")).toEqual([["CONFIG_VALUE", "signals.yaml", 1, "/signals"]]);
    const path = await workspace.writeConfig();
    const text = await readFile(path, "utf8");
    for (const [line, expected] of [
      ["signals: nowhere.csv", ["FILE_NOT_FOUND", "/signals"]],
      ["timeframe: 1m", ["CONFIG_MISSING_KEY", "/strategy"]],
    ] as const) {
      await writeFile(path, text.replace("strategy: strategy.ts", line));
      const outcome = await runBacktest(workspace.ports, { configPath: path });
      expect(outcome.kind === "invalid" && outcome.violations.map(({ code, field }) => [code, field])).toEqual([expected]);
    }
  });
});
