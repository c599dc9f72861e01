import { describe, expect, it } from "vitest";
import { columnsOf, DAY_START, type HandBar, MINUTE, ofType, type PlainEvent, runEngine } from "../../../test/support/engine-fixture.js";
import { endsOf, fillsOf, refusalsOf, story } from "../../../test/support/order-stories.js";
import type { SignalOptions } from "../strategy/strategy.js";

const calm = (minute: number, price = 100): HandBar => [minute, price, price, price, price];
const DAY = 1440;

/** Minutes from {@link DAY_START} to a time in UTC. */
function minuteOf(utc: string): number {
  return (Date.parse(`${utc}Z`) - DAY_START) / MINUTE;
}

/** Bars of New York, with one entry on the first. */
function newYork(bars: readonly HandBar[], options: SignalOptions, on: number = bars[0]?.[0] ?? 0): readonly PlainEvent[] {
  return runEngine({
    instruments: [{ columns: columnsOf("AAA", bars), instrument: { calendar: "XNYS" } }],
    strategy: {
      onBar: (bar, ctx) => {
        if (bar.ts === DAY_START + on * MINUTE) ctx.enterLong({ qty: 1, ...options });
      },
    },
  }).events;
}

describe("GTD", () => {
  const limit = { type: "limit", limit: 95, tif: "GTD" } as const;

  it("meets a bar that closes at its moment, and none that closes after it", () => {
    const bars = [calm(1), calm(2), calm(5, 90)];
    const until = (minute: number): readonly PlainEvent[] =>
      story(bars, { 1: (ctx) => ctx.enterLong({ qty: 1, ...limit, expire: DAY_START + minute * MINUTE }) });
    expect(fillsOf(until(5))).toEqual(["5 O1 buy 1@90"]);
    // A bar from minute 2 to 5 holds prices of both sides of the moment: it fills nothing.
    expect(fillsOf(until(4))).toEqual([]);
    expect(endsOf(until(4))).toEqual(["5 O1 expired GTD_EXPIRED"]);
    expect(endsOf(until(2))).toEqual(["5 O1 expired GTD_EXPIRED"]);
  });

  it("outlives sessions until the close of the one it names", () => {
    const first = minuteOf("2024-01-02T14:31:00");
    const bars = [
      calm(first),
      calm(minuteOf("2024-01-02T21:00:00")),
      calm(minuteOf("2024-01-03T21:00:00")),
      calm(minuteOf("2024-01-04T21:00:00"), 90),
    ];
    expect(fillsOf(newYork(bars, { ...limit, expire: "2024-01-04" }))).toEqual([`${bars[3]?.[0]} O1 buy 1@90`]);
    expect(endsOf(newYork(bars, { ...limit, expire: "2024-01-03" }))).toEqual([`${bars[2]?.[0]} O1 expired GTD_EXPIRED`]);
  });

  it("ends with a half day's early close", () => {
    // 2024-07-03 closes at 13:00 in New York, 17:00 UTC.
    const early = minuteOf("2024-07-03T17:00:00");
    const bars = [calm(minuteOf("2024-07-02T13:31:00")), calm(early), calm(minuteOf("2024-07-05T13:31:00"), 90)];
    const events = newYork(bars, { ...limit, expire: "2024-07-03" });
    expect(endsOf(events)).toEqual([`${early} O1 expired GTD_EXPIRED`]);
    expect(ofType(events, "order.created")[0]?.payload.expire_at).toBe(Date.UTC(2024, 6, 3, 17));
  });

  it.each([
    ["2024-01-15", "XNYS has no session on 2024-01-15"],
    ["2024-01-13", "XNYS has no session on 2024-01-13"],
    ["2024-02-31", 'expire "2024-02-31" is no session date'],
    ["tomorrow", 'expire "tomorrow" is no session date'],
    ["9999-01-04", "XNYS"],
  ])("a date without a session is a fault of the strategy: %s", (expire, message) => {
    const first = minuteOf("2024-01-02T14:31:00");
    const events = newYork([calm(first), calm(first + 1)], { ...limit, expire });
    expect(ofType(events, "run.completed")[0]?.payload.error).toMatchObject({
      code: "BAD_ORDER",
      message: expect.stringContaining(message),
    });
  });

  it.each([
    ["a GTD order without a moment", { tif: "GTD" }, "needs expire"],
    ["a moment without GTD", { tif: "DAY", expire: DAY_START + 5 * MINUTE }, "only a GTD order"],
    ["a moment that is no number of milliseconds", { tif: "GTD", expire: 1.5 }, "no time in UTC milliseconds"],
    ["a moment beyond all dates", { tif: "GTD", expire: 9e15 }, "no time in UTC milliseconds"],
  ] as const)("%s is a fault of the strategy", (_, options, message) => {
    const events = story([calm(1), calm(2)], { 1: (ctx) => ctx.enterLong({ qty: 1, type: "limit", limit: 95, ...options }) });
    expect(ofType(events, "run.completed")[0]?.payload.error).toMatchObject({
      code: "BAD_ORDER",
      message: expect.stringContaining(message),
    });
  });

  it("is declined when its moment has passed: a time, or the session whose close this is", () => {
    const past = story([calm(1), calm(2), calm(3, 90)], {
      2: (ctx) => ctx.enterLong({ qty: 1, ...limit, expire: DAY_START + 2 * MINUTE }),
    });
    expect(refusalsOf(past)).toEqual(["EXPIRE_TIME_IN_PAST"]);
    const close = minuteOf("2024-01-02T21:00:00");
    expect(refusalsOf(newYork([calm(close), calm(close + DAY)], { ...limit, expire: "2024-01-02" }))).toEqual(["EXPIRE_TIME_IN_PAST"]);
  });
});

describe("DAY", () => {
  it("expires at a half day's early close", () => {
    const early = minuteOf("2024-07-03T17:00:00");
    const bars = [calm(minuteOf("2024-07-03T13:31:00")), calm(early), calm(minuteOf("2024-07-05T13:31:00"), 90)];
    expect(endsOf(newYork(bars, { type: "limit", limit: 95 }))).toEqual([`${early} O1 expired SESSION_CLOSED`]);
  });

  it("made at the close belongs to the next session", () => {
    const close = minuteOf("2024-01-02T21:00:00");
    const bars = [calm(close), calm(close + DAY - 100, 90), calm(close + DAY)];
    expect(fillsOf(newYork(bars, { type: "limit", limit: 95 }))).toEqual([`${close + DAY - 100} O1 buy 1@90`]);
  });
});

describe("market on close", () => {
  const moc = { type: "market_on_close" } as const;
  const open = minuteOf("2024-01-02T14:31:00");
  const close = minuteOf("2024-01-02T21:00:00");

  it("fills at the close of the session's closing bar and nowhere before", () => {
    const bars: readonly HandBar[] = [calm(open), [open + 1, 100, 110, 90, 105], [close, 105, 120, 80, 111]];
    expect(fillsOf(newYork(bars, moc))).toEqual([`${close} O1 buy 1@111`]);
  });

  it("fills at a half day's early close", () => {
    const early = minuteOf("2024-07-03T17:00:00");
    expect(fillsOf(newYork([calm(minuteOf("2024-07-03T13:31:00")), calm(early, 101)], moc))).toEqual([`${early} O1 buy 1@101`]);
  });

  it("expires where the closing bar is missing, and fills at no other bar of the session or the next", () => {
    const bars = [calm(open), calm(close - 1), calm(open + DAY), calm(close + DAY)];
    const events = newYork(bars, moc);
    expect(fillsOf(events)).toEqual([]);
    expect(endsOf(events)).toEqual([`${close} O1 expired SESSION_CLOSED`]);
  });

  it("made before the closing bar began still fills; made at the close it waits for the next session's", () => {
    const bars = [calm(open), calm(close - 1), calm(close, 101), calm(open + DAY), calm(close + DAY, 102)];
    expect(fillsOf(newYork(bars, moc, close - 1))).toEqual([`${close} O1 buy 1@101`]);
    expect(fillsOf(newYork(bars, moc, close))).toEqual([`${close + DAY} O1 buy 1@102`]);
  });

  it("made while the closing bar was under way is too late, and expires", () => {
    // A closing bar that began before the order: the bars between are missing.
    const events = runEngine({
      instruments: [
        { columns: { ...columnsOf("AAA", [calm(open), calm(close, 101)]), timeframe: "1h" }, instrument: { calendar: "XNYS" } },
        { columns: { ...columnsOf("BBB", [calm(open), calm(close - 10)]), timeframe: "1h" }, instrument: { calendar: "XNYS" } },
      ],
      strategy: {
        onBar: (bar, ctx) => {
          if (bar.symbol === "BBB" && bar.ts === DAY_START + (close - 10) * MINUTE) ctx.enterLong({ symbol: "AAA", ...moc });
        },
      },
    }).events;
    expect(fillsOf(events)).toEqual([]);
    expect(endsOf(events)).toEqual([`${close} O1 expired SESSION_CLOSED`]);
  });

  it("pays slippage, because it takes the price that there is", () => {
    const events = story(
      [calm(1), calm(DAY)],
      { 1: (ctx) => ctx.enterLong({ qty: 1, ...moc }) },
      {
        execution: { slippage: { model: "ticks", ticks: "5" } },
      },
    );
    expect(fillsOf(events)).toEqual([`${DAY} O1 buy 1@100.05`]);
  });

  it.each(["GTC", "IOC", "FOK"] as const)("cannot be %s", (tif) => {
    const events = story([calm(1), calm(2)], { 1: (ctx) => ctx.enterLong({ qty: 1, ...moc, tif }) });
    expect(ofType(events, "run.completed")[0]?.payload.error?.code).toBe("BAD_ORDER");
  });
});
