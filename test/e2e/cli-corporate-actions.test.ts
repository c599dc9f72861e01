/**
 * Nine years of Apple and SPY as traded, held through two splits and some seventy dividends, in an account of another currency. The
 * account is told a second time in exact fractions from the fills, the closes and the files; splits and the first dividends are those that
 * the companies announced.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { PlainBook } from "../support/plain-account.js";
import { minus, nearest, ofUnits, over, type Rational, rational, textOf, times } from "../support/rational.js";
import { describeShared, sharedPath } from "../support/shared-data.js";
import { json, onetape, scratchFolder } from "./cli-process.js";

const scratch = scratchFolder("corporate-actions");
afterAll(scratch.remove);

const STRATEGY = `import { defineStrategy } from "onetape/strategy";

export default defineStrategy({
  meta: { name: "holder", version: "1.0.0", universe: ["AAPL", "SPY"], timeframe: "1d", required_fields: ["close"], session: "regular" },
  params: {},
  state: () => ({ bars: 0 }),
  onBars(_slice, ctx) {
    ctx.state.bars += 1;
    if (ctx.state.bars === 1) {
      ctx.enterLong({ symbol: "AAPL", qty: 133 });
      ctx.enterShort({ symbol: "SPY", qty: 100 });
    }
    if (ctx.state.bars === 1500) ctx.enterShort({ symbol: "AAPL", qty: 2000 });
    if (ctx.state.bars === 2000) ctx.enterLong({ symbol: "SPY", qty: 150 });
  },
});
`;

const share = (symbol: string, calendar: string): string =>
  `  - { symbol: ${symbol}, asset_class: equity, currency: USD, price_tick: 0.01, lot_step: 1, min_qty: 1, multiplier: 1, calendar: ${calendar}, settlement: cash }\n`;

const config = (): string => `strategy: strategy.ts
data: [{ symbol: AAPL, price_mode: raw }, { symbol: SPY, price_mode: raw }]
timeframe: 1d
from: 2012-01-03
to: 2020-12-31
account: { currency: EUR, cash: 2000000 }
instruments:
${share("AAPL", "XNAS")}${share("SPY", "XNYS")}execution: { fees: { model: bps, bps: 1 } }
financing: { day_count: ACT/360, borrow_rate: 0.01, credit_rate: 0.0123 }
corporate_actions: { AAPL: ${factors("aapl")}, SPY: ${factors("spy")} }
fx: { file: rates.csv }
`;

const factors = (ticker: string): string => sharedPath("lean", "equity", "usa", "factor_files", `${ticker}.csv`);

const DAY = 86_400_000;
/** Invented rates, one every third day. */
const RATES = Array.from({ length: 1100 }, (_, i) => ({
  date: new Date(Date.UTC(2011, 11, 30) + 3 * i * DAY).toISOString().slice(0, 10),
  rate: textOf(ofUnits(BigInt(1100 + ((i * 37) % 29)), 3), 3),
}));
/** Apple's announcements of 2014-04-23 and 2020-07-30. */
const SPLITS: { readonly [day: string]: string } = { "AAPL 2014-06-09": "7", "AAPL 2020-08-31": "4" };

type Row = { readonly [column: string]: string };

function rowsOf(path: string): readonly Row[] {
  const [head = "", ...lines] = readFileSync(path, "utf8").trim().split("\n");
  const columns = head.split(",");
  return lines.map((line) => Object.fromEntries(line.split(",").map((cell, i) => [columns[i] ?? "", cell])));
}

interface Paid {
  readonly symbol: string;
  /** First day without it. */
  readonly day: string;
  readonly per_share: Rational;
  readonly reference: string;
  readonly split: string | undefined;
}

/** Every change of the factors, by the file's own digits. */
function actionsOf(symbol: string): readonly Paid[] {
  const rows = readFileSync(factors(symbol.toLowerCase()), "utf8").trim().split("\n");
  return rows.slice(0, -1).map((row, i) => {
    const [date = "", now = "", , reference = ""] = row.trim().split(",");
    const [, next = ""] = (rows[i + 1] ?? "").split(",");
    const ex = new Date(Date.parse(`${date.slice(0, 4)}-${date.slice(4, 6)}-${date.slice(6)}`) + DAY);
    // A Friday's row takes effect on Monday.
    if (ex.getUTCDay() === 6) ex.setTime(ex.getTime() + 2 * DAY);
    const day = ex.toISOString().slice(0, 10);
    const per_share = ofUnits(nearest(times(rational(reference), minus(rational("1"), over(rational(now), rational(next)))), 2), 2);
    return { symbol, day, per_share, reference, split: SPLITS[`${symbol} ${day}`] };
  });
}

/** What one dollar is worth in euros; a rate of a date is known from that day's end on. */
function dollar(ts: number): Rational {
  const known = RATES.findLast(({ date }) => Date.parse(date) + DAY <= ts);
  if (known === undefined) throw new Error("no rate yet");
  return ofUnits(nearest(over(rational("1"), rational(known.rate)), 18), 18);
}

/** Equity and cash by session date. */
function retold(positions: readonly Row[], fills: readonly Row[]): ReadonlyMap<string, readonly string[]> {
  const terms = { decimals: 2, borrow: "0.01", credit: "0.0123", debit: "0", year: 360n, proceeds: "excluded", fee_bps: "1" } as const;
  const shares = ["AAPL", "SPY"].map((symbol) => ({ symbol, multiplier: "1", lot: "1", margin: false }));
  const book = new PlainBook(200_000_000n, shares, terms, (_, ts) => dollar(ts));
  const closes = new Map<string, readonly string[]>();
  const actions = [...actionsOf("AAPL"), ...actionsOf("SPY")];
  const moments = new Map(
    positions.filter(({ row_kind }) => row_kind === "session").map(({ session = "", ts = "" }) => [session, Date.parse(ts)]),
  );
  for (const [day, ts] of moments) {
    for (const { symbol, per_share, split, reference } of actions.filter((a) => a.day === day)) {
      book.dividend(symbol, per_share, ts);
      if (split !== undefined) book.split(symbol, rational(split), rational(reference), ts);
    }
    for (const { symbol = "", side, qty = "", price = "", ts: at = "" } of fills)
      if (Date.parse(at) === ts) book.fill(symbol, side === "buy" ? "buy" : "sell", rational(qty), rational(price), ts);
    for (const { symbol = "", session, row_kind, mark_price = "" } of positions)
      if (session === day && row_kind === "session") book.holding(symbol).mark = rational(mark_price);
    book.close(Date.parse(day) / DAY, ts);
    closes.set(
      day,
      [book.equity(ts), book.cash, ...book.holdings.flatMap(({ dividends, borrow }) => [dividends, borrow])].map((m) =>
        textOf(ofUnits(m, 2), 2),
      ),
    );
  }
  return closes;
}

describeShared("a short and a long over nine years of splits and dividends", () => {
  let run = "";
  const table = (name: string): readonly Row[] => rowsOf(join(scratch.path, ".onetape", "runs", run, `${name}.csv`));

  beforeAll(() => {
    writeFileSync(join(scratch.path, "strategy.ts"), STRATEGY);
    writeFileSync(
      join(scratch.path, "rates.csv"),
      `time,pair,rate\n${RATES.map(({ date, rate }) => `${date},EUR/USD,${rate}\n`).join("")}`,
    );
    writeFileSync(join(scratch.path, "backtest.yaml"), config());
    for (const ticker of ["aapl", "spy"]) {
      const zip = sharedPath("lean", "equity", "usa", "daily", `${ticker}.zip`);
      const done = onetape(["data", "import", zip, "--price-mode", "raw"], { cwd: scratch.path });
      expect([done.code, done.stderr]).toEqual([0, done.stderr]);
    }
    const done = onetape(["backtest", "backtest.yaml", "--json"], { cwd: scratch.path });
    expect([done.code, done.stderr]).toEqual([0, done.stderr]);
    run = String(json(done)["run_id"]);
  }, 120_000);

  test("pays what the companies announced, on their days, and a short owes it", () => {
    const paid = table("cash_flows").filter(({ kind }) => kind === "dividend");
    const first = (symbol: string): readonly string[] =>
      paid.filter((row) => row["symbol"] === symbol).map(({ ts = "", qty, price }) => `${ts.slice(0, 10)} ${qty} x ${price}`);
    // Apple resumed dividends in 2012 at 2.65 a share; SPY paid 0.61382, 0.68841, 0.77940 and 1.02183.
    expect(first("AAPL").slice(0, 4)).toEqual([
      "2012-08-09 133 x 2.65",
      "2012-11-07 133 x 2.65",
      "2013-02-07 133 x 2.65",
      "2013-05-09 133 x 3.05",
    ]);
    expect(first("SPY").slice(0, 4)).toEqual([
      "2012-03-16 -100 x 0.61",
      "2012-06-15 -100 x 0.69",
      "2012-09-21 -100 x 0.78",
      "2012-12-21 -100 x 1.02",
    ]);
    expect(paid.some(({ qty, amount }) => Number(qty) > 0 === Number(amount) < 0)).toBe(false);
  });

  test("turns 133 shares into 931, and a short of 1,069 into 4,276", () => {
    const splits = table("cash_flows").filter(({ kind }) => kind === "split");
    expect(splits.map(({ ts = "", qty, qty_after }) => [ts.slice(0, 10), qty, qty_after])).toEqual([
      ["2014-06-09", "133", "931"],
      ["2020-08-31", "-1069", "-4276"],
    ]);
  });

  test("has the equity, cash, dividends and borrowing cost of the plain account on each of 2,265 days", () => {
    const positions = table("positions");
    const expected = retold(positions, table("fills"));
    const found = new Map<string, readonly string[]>();
    const cell = (row: Row | undefined, name: string): string => textOf(rational(row?.[name] ?? ""), 2);
    for (const day of expected.keys()) {
      const rows = positions.filter(({ session, row_kind }) => session === day && row_kind === "session");
      const last = rows.at(-1);
      const own = (symbol: string): Row | undefined => rows.findLast((row) => row["symbol"] === symbol);
      found.set(day, [
        cell(last, "equity"),
        cell(last, "cash"),
        ...["AAPL", "SPY"].flatMap((symbol) => [cell(own(symbol), "dividends"), cell(own(symbol), "borrow_cost")]),
      ]);
    }
    expect(found.size).toBe(2265);
    expect([...found]).toEqual([...expected]);
  });

  test("is replayed to the byte, from the files as they were", () => {
    writeFileSync(join(scratch.path, "rates.csv"), "time,pair,rate\n");
    const done = onetape(["replay", "latest", "--verify", "--json"], { cwd: scratch.path });
    expect([done.code, done.stderr]).toEqual([0, done.stderr]);
    expect(json(done)).toMatchObject({ verified: true, levels: [{ passed: true }, { passed: true }, { passed: true }, { passed: true }] });
  });
});
