// The figures of the worked example were computed by hand: cash 1000, 10 bought at 10.50 (fee 1.00), 4 sold at 9.20 (0.40),
// 11 sold at 9.00 (0.55), closes 10 11 12 | 9 9.50 10.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { RunTape, testColumns, testConfig, testInstrument, workedExample } from "../../../test/support/run-tape.js";
import { artifactTables } from "./artifact-tables.js";
import type { PositionedEvent } from "./positioned-event.js";
import { ProjectionMismatch, RunProjection, type RunTables } from "./run-projection.js";
import { firstUnsortedRow } from "./table.js";

const minute = 60_000;

function project(): RunTables {
  const { config, columns, tape } = workedExample();
  const projection = new RunProjection(config, new Map([["AAA", columns]]));
  for (const event of tape.positioned()) projection.apply(event);
  return projection.finish();
}

function foldAll(projection: RunProjection, events: readonly PositionedEvent[]): void {
  for (const event of events) projection.apply(event);
}

function rowsOf(tables: RunTables, name: string): readonly { readonly [column: string]: unknown }[] {
  const table = tables.tables.find((t) => t.schema.name === name);
  if (table === undefined) throw new Error(`no table ${name}`);
  return table.rows;
}

function pick(rows: readonly { readonly [column: string]: unknown }[], ...names: string[]): unknown[][] {
  return rows.map((row) => names.map((name) => row[name]));
}

describe("the tables of a run", () => {
  const tables = project();

  test("an order's row tells what was asked, how it filled and how it ended", () => {
    const orders = rowsOf(tables, "orders");
    expect(
      pick(orders, "order_id", "side", "qty", "status", "filled_qty", "avg_fill_price", "fills", "commission", "venue_order_id"),
    ).toEqual([
      ["O1", "buy", "10", "filled", "10", "10.5", 1, "1", "V-O1"],
      // (4 x 9.20 + 11 x 9.00) / 15 = 135.80 / 15 = 9.0533...
      ["O2", "sell", "15", "filled", "15", "9.05333333", 2, "0.95", "V-O2"],
      ["O3", "buy", "1", "rejected", "0", null, 0, "0", null],
    ]);
    expect(pick(orders, "rejected_by", "reject_reason", "created_at", "ended_at", "tape_position", "last_tape_position")).toEqual([
      [null, null, minute, 2 * minute, 5, 9],
      [null, null, 11 * minute, 13 * minute, 15, 20],
      ["gate", "NO_PRICE", 13 * minute, 13 * minute, 21, 22],
    ]);
  });

  test("a fill's row carries its value, what it realised and the position after it", () => {
    expect(pick(rowsOf(tables, "fills"), "fill_id", "price", "notional", "realized_pnl", "position_qty", "leaves_qty", "late")).toEqual([
      ["F1", "10.5", "105", "0", "10", "0", false],
      ["F2", "9.2", "36.8", "-5.2", "6", "11", false],
      ["F3", "9", "99", "-9", "-5", "0", false],
    ]);
  });

  test("a signal's row says whether it became an order or why not, and keeps its metadata as canonical JSON", () => {
    expect(pick(rowsOf(tables, "signals"), "signal_id", "outcome", "order_id", "decline_code", "qty", "limit_price", "metadata")).toEqual([
      ["S-O1", "ordered", "O1", null, null, null, '{"2":1,"note":"quote \\" comma , line\\nend"}'],
      ["S-none", "declined", null, "BELOW_MIN_QTY", "0.5", "11.1", null],
    ]);
  });

  test("a fill that crosses zero ends one trade, begins the next and shares its commission by quantity", () => {
    const trades = rowsOf(tables, "trades");
    // 0.55 x 6 / 11 = 0.30 goes to the trade that ends.
    expect(
      pick(trades, "trade", "side", "status", "qty", "entry_price", "exit_price", "gross_pnl", "commission", "net_pnl", "unrealized_pnl"),
    ).toEqual([
      [1, "long", "closed", "10", "10.5", "9.08", "-14.2", "1.7", "-15.9", "0"],
      [2, "short", "open", "5", "9", null, "0", "0.25", "-0.25", "-5"],
    ]);
    expect(pick(trades, "entry_ts", "exit_ts", "bars_held", "fills", "entry_order_id", "exit_order_id")).toEqual([
      [2 * minute, 13 * minute, 4, 3, "O1", "O2"],
      [13 * minute, null, 1, 1, "O2", null],
    ]);
    expect(trades[0]?.["return_fraction"]).toBe(-15.9 / 105);
  });

  test("positions have a row per fill at the fill's price and a row per session at its last close", () => {
    expect(
      pick(
        rowsOf(tables, "positions"),
        "row_kind",
        "session",
        "qty",
        "avg_price",
        "mark_price",
        "unrealized_pnl",
        "realized_pnl",
        "cash",
        "equity",
      ),
    ).toEqual([
      ["fill", "2024-01-02", "10", "10.5", "10.5", "0", "0", "894", "999"],
      ["session", "2024-01-02", "10", "10.5", "12", "15", "0", "894", "1014"],
      ["fill", "2024-01-03", "6", "10.5", "9.2", "-7.8", "-5.2", "930.4", "985.6"],
      ["fill", "2024-01-03", "-5", "9", "9", "0", "-14.2", "1028.85", "983.85"],
      ["session", "2024-01-03", "-5", "9", "10", "-5", "-14.2", "1028.85", "978.85"],
    ]);
    expect(pick(rowsOf(tables, "positions"), "market_value", "gross_exposure", "net_exposure", "pending_orders").at(-1)).toEqual([
      "-50",
      "50",
      "-50",
      0,
    ]);
    expect(pick(rowsOf(tables, "positions"), "pending_orders")).toEqual([[0], [0], [1], [0], [0]]);
  });

  test("P&L rows are changes that add up to final equity less initial cash", () => {
    expect(
      pick(rowsOf(tables, "pnl"), "realized", "unrealized_change", "commission", "total", "session_total", "cumulative_total"),
    ).toEqual([
      ["0", "0", "1", "-1", "-1", "-1"],
      ["0", "15", "0", "15", "14", "14"],
      ["-5.2", "-22.8", "0.4", "-28.4", "-28.4", "-14.4"],
      ["-9", "7.8", "0.55", "-1.75", "-30.15", "-16.15"],
      ["0", "-5", "0", "-5", "-35.15", "-21.15"],
    ]);
  });

  test("risk rows give leverage and the fall below the highest close, and leave limits empty while no policy sets them", () => {
    // 120 / 1014, then 50 / 978.85 and (1014 - 978.85) / 1014.
    expect(
      pick(
        rowsOf(tables, "risk"),
        "row_kind",
        "peak_equity",
        "current_leverage",
        "current_drawdown",
        "max_drawdown",
        "breached_rules",
        "kill_switch_active",
      ),
    ).toEqual([
      ["fill", "1000", "0.10510511", "0.001", null, "[]", false],
      ["session", "1014", "0.1183432", "0", null, "[]", false],
      ["fill", "1014", "0.05600649", "0.02800789", null, "[]", false],
      ["fill", "1014", "0.04573868", "0.02973373", null, "[]", false],
      ["session", "1014", "0.05108035", "0.03466469", null, "[]", false],
    ]);
  });

  test("the equity curve has every attached close once, after the fills of its bar", () => {
    const { rows, columns } = tables.equity;
    expect(rows).toBe(6);
    expect(columns.map((c) => [c.name, [...c.values]])).toEqual([
      ["ts", [1, 2, 3, 11, 12, 13].map((m) => m * minute)],
      ["equity", [100_000n, 100_400n, 101_400n, 98_400n, 98_740n, 97_885n]],
      ["cash", [100_000n, 89_400n, 89_400n, 89_400n, 93_040n, 102_885n]],
      ["gross_exposure", [0n, 11_000n, 12_000n, 9_000n, 5_700n, 5_000n]],
      ["net_exposure", [0n, 11_000n, 12_000n, 9_000n, 5_700n, -5_000n]],
    ]);
  });

  test("every row has exactly the declared columns and every table is in sort-key order", () => {
    expect(tables.tables.map((t) => t.schema)).toEqual(artifactTables);
    for (const table of tables.tables) {
      expect(firstUnsortedRow(table)).toBeNull();
      for (const row of table.rows) expect(Object.keys(row)).toEqual(Object.keys(table.schema.columns));
    }
  });
});

describe("what a projection refuses", () => {
  test("an equity that the tape states and folding does not give, naming the event", () => {
    const { config, columns } = workedExample();
    const tape = new RunTape()
      .start(0)
      .attach(columns, "2024-01-02", 1, 3)
      .closeSession("2024-01-02", 3 * minute, "1000.01");
    const projection = new RunProjection(config, new Map([["AAA", columns]]));
    const [started, attached, closed] = tape.positioned();
    if (started === undefined || attached === undefined || closed === undefined) throw new Error("three events");
    projection.apply(started);
    projection.apply(attached);
    expect(() => projection.apply(closed)).toThrow(new ProjectionMismatch("EQUITY_MISMATCH", 3, "1000.01", "1000"));
  });

  test("a tape with a gap, an order that nobody created, and bars that are not the attached ones", () => {
    const { config, columns } = workedExample();
    const fresh = () => new RunProjection(config, new Map([["AAA", columns]]));
    const second = new RunTape().start(0).start(0).positioned()[1];
    if (second === undefined) throw new Error("two events");
    expect(() => fresh().apply(second)).toThrow("event 2 does not follow 0");
    const orphan = new RunTape().add("order.submitted", 0, { order_id: "O9" }).positioned();
    expect(() => foldAll(fresh(), orphan)).toThrow("order.submitted of unknown order O9");
    const other = testColumns("AAA", [5, 6, 7], [1, 2, 3]);
    const wrong = new RunTape().attach(other, "2024-01-02", 0, 3).positioned();
    expect(() => foldAll(fresh(), wrong)).toThrow("are not the bars that the tape attached");
    expect(() => new RunProjection(config, new Map())).toThrow("no bars were given for AAA");
  });
});

describe("a tape that stops inside a session", () => {
  test("gets rows of kind end, so that the terms still tie", () => {
    const { config, columns, tape } = workedExample();
    const projection = new RunProjection(config, new Map([["AAA", columns]]));
    for (const event of tape.positioned().slice(0, 19)) projection.apply(event);
    const tables = projection.finish();
    // After the fourth of ten is sold: 930.40 + 6 x 9.50 at the last close walked.
    expect(pick(rowsOf(tables, "positions"), "row_kind", "session", "equity").at(-1)).toEqual(["end", "2024-01-03", "987.4"]);
    expect(rowsOf(tables, "pnl").reduce((sum, r) => sum + cents(r["total"]), 0n)).toBe(-1260n);
    expect(tables.measures.marks.map((m) => m.equity)).toEqual([101_400n, 98_740n]);
    expect(tables.measures.final_equity).toBe(98_740n);
  });
});

describe("sessions that are not one after the other", () => {
  const bar = (m: number) => m * minute;

  test("two calendars with one date close their own symbols, and the later close is the date's mark", () => {
    const a = testColumns("AAA", [bar(1), bar(2)], [1000, 1100]);
    const b = testColumns("BBB", [bar(1), bar(2), bar(3)], [2000, 2000, 2500]);
    const tape = new RunTape()
      .start(0)
      .attach(a, "2024-01-02", 0, 2)
      .openSession("2024-01-02", bar(1), "XNYS")
      .attach(b, "2024-01-02", 0, 3)
      .openSession("2024-01-02", bar(1), "24/7")
      .order(bar(1), { order_id: "O1", symbol: "AAA", side: "buy", qty: "1" })
      .fill(bar(2), "order.filled", { order_id: "O1", symbol: "AAA", side: "buy", qty: "1", price: "10.50" })
      .order(bar(2), { order_id: "O2", symbol: "BBB", side: "buy", qty: "1" })
      .closeSession("2024-01-02", bar(2), "1000.5", "XNYS")
      .fill(bar(3), "order.filled", { order_id: "O2", symbol: "BBB", side: "buy", qty: "1", price: "20" })
      .closeSession("2024-01-02", bar(3), "1005.5", "24/7")
      .complete(bar(3), "1005.5", "969.5", { bars: 5 });
    const config = testConfig([testInstrument("AAA", { calendar: "XNYS" }), testInstrument("BBB")], "1000");
    const projection = new RunProjection(
      config,
      new Map([
        ["AAA", a],
        ["BBB", b],
      ]),
    );
    foldAll(projection, tape.positioned());
    const tables = projection.finish();
    expect(pick(rowsOf(tables, "positions"), "row_kind", "symbol", "session", "equity")).toEqual([
      ["fill", "AAA", "2024-01-02", "1000"],
      ["session", "AAA", "2024-01-02", "1000.5"],
      ["fill", "BBB", "2024-01-02", "1000.5"],
      ["session", "BBB", "2024-01-02", "1005.5"],
    ]);
    expect(tables.measures.marks).toEqual([{ ts: bar(3), equity: 100_550n, session: "2024-01-02", position: 17 }]);
    expect(tables.measures.counts.sessions).toBe(2);
  });

  test("a session whose bars go on after its nominal close is valued at its last bar", () => {
    const a = testColumns("AAA", [bar(1), bar(2), bar(3)], [1000, 1100, 1200]);
    const tape = new RunTape()
      .start(0)
      .attach(a, "2024-01-02", 0, 3)
      .openSession("2024-01-02", bar(1))
      .order(bar(1), { order_id: "O1", symbol: "AAA", side: "buy", qty: "1" })
      .fill(bar(2), "order.filled", { order_id: "O1", symbol: "AAA", side: "buy", qty: "1", price: "11" })
      .closeSession("2024-01-02", bar(2), "1001");
    const projection = new RunProjection(testConfig([testInstrument("AAA")], "1000"), new Map([["AAA", a]]));
    foldAll(projection, tape.positioned());
    expect(projection.finish().measures.final_equity).toBe(100_100n);
  });

  test("a strategy that failed while a fill was handled never saw that close, and neither do its totals", () => {
    const a = testColumns("AAA", [bar(1), bar(2)], [1000, 9000]);
    const failed = (bars: number, equity: string) => {
      const tape = new RunTape()
        .start(0)
        .attach(a, "2024-01-02", 0, 2)
        .openSession("2024-01-02", bar(1))
        .order(bar(1), { order_id: "O1", symbol: "AAA", side: "buy", qty: "1" })
        .fill(bar(2), "order.filled", { order_id: "O1", symbol: "AAA", side: "buy", qty: "1", price: "11" })
        .complete(bar(2), equity, "989", { status: "failed", bars });
      const projection = new RunProjection(testConfig([testInstrument("AAA")], "1000"), new Map([["AAA", a]]));
      foldAll(projection, tape.positioned());
      return projection.finish();
    };
    expect(failed(1, "999").equity.rows).toBe(1);
    expect(failed(2, "1079").equity.rows).toBe(2);
    expect(rowsOf(failed(1, "999"), "positions").map((r) => [r["row_kind"], r["equity"]])).toEqual([
      ["fill", "1000"],
      ["end", "999"],
    ]);
  });

  test("positions closed out after the last session belong to that session's mark", () => {
    const a = testColumns("AAA", [bar(1), bar(2)], [1000, 1100]);
    const tape = new RunTape()
      .start(0)
      .attach(a, "2024-01-02", 0, 2)
      .openSession("2024-01-02", bar(1))
      .order(bar(1), { order_id: "O1", symbol: "AAA", side: "buy", qty: "1" })
      .fill(bar(2), "order.filled", { order_id: "O1", symbol: "AAA", side: "buy", qty: "1", price: "10" })
      .closeSession("2024-01-02", bar(2), "1001")
      .order(bar(2), { order_id: "O2", symbol: "AAA", side: "sell", qty: "1" })
      .fill(bar(2), "order.filled", { order_id: "O2", symbol: "AAA", side: "sell", qty: "1", price: "10.90", commission: "1", at: "close" })
      .complete(bar(2), "999.9", "999.9", { bars: 2 });
    const projection = new RunProjection(testConfig([testInstrument("AAA")], "1000"), new Map([["AAA", a]]));
    foldAll(projection, tape.positioned());
    const tables = projection.finish();
    expect(tables.measures.marks).toEqual([{ ts: bar(2), equity: 99_990n, session: "2024-01-02", position: 15 }]);
    expect(rowsOf(tables, "pnl").reduce((sum, r) => sum + cents(r["total"]), 0n)).toBe(-10n);
    expect(pick(rowsOf(tables, "pnl"), "row_kind", "session").at(-1)).toEqual(["end", null]);
  });
});

function cents(text: unknown): bigint {
  const [whole = "0", fraction = ""] = String(text).replace("-", "").split(".");
  const value = BigInt(whole + fraction.padEnd(2, "0"));
  return String(text).startsWith("-") ? -value : value;
}

/** Random fills on random bars of two symbols; the truth is summed from scratch, in cents, with nothing shared. */
const scenario = fc.record({
  closes: fc.array(fc.tuple(fc.integer({ min: 1, max: 50_000 }), fc.option(fc.integer({ min: 1, max: 50_000 }))), {
    minLength: 2,
    maxLength: 24,
  }),
  fills: fc.array(
    fc.record({
      bar: fc.nat(1000),
      symbol: fc.constantFrom("AAA", "BBB"),
      side: fc.constantFrom("buy" as const, "sell" as const),
      qty: fc.integer({ min: 1, max: 40 }),
      price: fc.integer({ min: 1, max: 50_000 }),
      commission: fc.integer({ min: 0, max: 500 }),
    }),
    { maxLength: 30 },
  ),
  sessionLength: fc.integer({ min: 1, max: 6 }),
});

const text = (c: bigint | number) => {
  const n = BigInt(c);
  const digits = (n < 0n ? -n : n).toString().padStart(3, "0");
  return `${n < 0n ? "-" : ""}${digits.slice(0, -2)}.${digits.slice(-2)}`;
};

test("for random fills the curve, the P&L rows and the trades agree with an oracle that sums fills from scratch", () => {
  fc.assert(
    fc.property(scenario, ({ closes, fills, sessionLength }) => {
      const initial = 1_000_000_00n;
      const at = (bar: number) => (bar + 1) * minute;
      const a = testColumns(
        "AAA",
        closes.map((_, i) => at(i)),
        closes.map(([c]) => c),
      );
      // The second symbol misses some bars.
      const present = closes.flatMap(([, c], i) => (c === null && i > 0 ? [] : [{ i, c: c ?? 777 }]));
      const b = testColumns(
        "BBB",
        present.map((p) => at(p.i)),
        present.map((p) => p.c),
      );
      const lastClose = (symbol: string, bar: number) =>
        BigInt(symbol === "AAA" ? (closes[bar]?.[0] ?? 0) : (present.filter((p) => p.i <= bar).at(-1)?.c ?? 0));
      const placed = fills.map((f) => ({ ...f, bar: f.bar % closes.length })).sort((x, y) => x.bar - y.bar);
      const cashAfter = (bar: number) =>
        placed
          .filter((f) => f.bar <= bar)
          .reduce((c, f) => c - BigInt((f.side === "buy" ? 1 : -1) * f.qty * f.price) - BigInt(f.commission), initial);
      const held = (symbol: string, bar: number) =>
        placed.filter((f) => f.bar <= bar && f.symbol === symbol).reduce((q, f) => q + BigInt(f.side === "buy" ? f.qty : -f.qty), 0n);
      const equityAt = (bar: number) =>
        cashAfter(bar) + held("AAA", bar) * lastClose("AAA", bar) + held("BBB", bar) * lastClose("BBB", bar);

      const tape = new RunTape().start(0);
      let n = 0;
      for (let from = 0; from < closes.length; from += sessionLength) {
        const to = Math.min(from + sessionLength, closes.length);
        const session = `s${String(from).padStart(3, "0")}`;
        tape.attach(a, session, from, to - from);
        const rowsOfB = present.flatMap((p, row) => (p.i >= from && p.i < to ? [row] : []));
        if (rowsOfB[0] !== undefined) tape.attach(b, session, rowsOfB[0], rowsOfB.length);
        tape.openSession(session, at(from));
        for (const f of placed.filter((x) => x.bar >= from && x.bar < to)) {
          n += 1;
          const order_id = `O${n}`;
          tape.order(at(f.bar), { order_id, symbol: f.symbol, side: f.side, qty: String(f.qty) });
          tape.fill(at(f.bar), "order.filled", {
            order_id,
            symbol: f.symbol,
            side: f.side,
            qty: String(f.qty),
            price: text(f.price),
            commission: text(f.commission),
          });
        }
        tape.closeSession(session, at(to - 1), text(equityAt(to - 1)));
      }
      const end = closes.length - 1;
      tape.complete(at(end), text(equityAt(end)), text(cashAfter(end)));

      const config = testConfig([testInstrument("AAA"), testInstrument("BBB")], text(initial));
      const projection = new RunProjection(
        config,
        new Map([
          ["AAA", a],
          ["BBB", b],
        ]),
      );
      for (const event of tape.positioned()) projection.apply(event);
      const tables = projection.finish();

      expect([...(tables.equity.columns[1]?.values ?? [])]).toEqual(closes.map((_, bar) => equityAt(bar)));
      expect(rowsOf(tables, "pnl").reduce((sum, r) => sum + cents(r["total"]), 0n)).toBe(equityAt(end) - initial);
      expect(rowsOf(tables, "trades").reduce((sum, r) => sum + cents(r["net_pnl"]) + cents(r["unrealized_pnl"]), 0n)).toBe(
        equityAt(end) - initial,
      );
      expect(rowsOf(tables, "fills").length).toBe(placed.length);
      for (const table of tables.tables) expect(firstUnsortedRow(table)).toBeNull();
    }),
    { numRuns: 200 },
  );
});

test("where money is coarser than prices the P&L rows still add up to the unit", () => {
  fc.assert(
    fc.property(
      fc.array(
        fc.tuple(fc.constantFrom("buy" as const, "sell" as const), fc.integer({ min: 1, max: 999 }), fc.integer({ min: 1, max: 99_999 })),
        {
          minLength: 1,
          maxLength: 40,
        },
      ),
      (fills) => {
        const columns = testColumns(
          "AAA",
          fills.map((_, i) => (i + 1) * minute),
          fills.map(([, , price]) => price + 1),
        );
        const tape = new RunTape().start(0).attach(columns, "s", 0, fills.length).openSession("s", minute);
        fills.forEach(([side, qty, price], i) => {
          const order = { order_id: `O${i}`, symbol: "AAA", side, qty: `0.${String(qty).padStart(3, "0")}` };
          tape.order((i + 1) * minute, order).fill((i + 1) * minute, "order.filled", { ...order, price: text(price) });
        });
        const config = testConfig([testInstrument("AAA", { lot_step: "0.001", min_qty: "0.001" })], "100000", 0);
        const projection = new RunProjection(config, new Map([["AAA", columns]]));
        for (const event of tape.positioned()) projection.apply(event);
        const tables = projection.finish();
        const total = rowsOf(tables, "pnl").reduce((sum, r) => sum + BigInt(String(r["total"])), 0n);
        expect(total).toBe(tables.measures.final_equity - 100_000n);
      },
    ),
    { numRuns: 100 },
  );
});
