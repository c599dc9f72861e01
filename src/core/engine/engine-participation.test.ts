import { describe, expect, it } from "vitest";
import { DAY_START, type HandBar, MINUTE, ofType, type PlainEvent } from "../../../test/support/engine-fixture.js";
import { endsOf, fillsOf, marketOf, story, type VolumeBar } from "../../../test/support/order-stories.js";
import type { RunConfig } from "./run-config.js";

const flat = (minute: number, volume: number, price = 100): VolumeBar => [minute, price, price, price, price, volume];
const calm = (minute: number, price = 100): HandBar => [minute, price, price, price, price];
const tenth = { execution: { participation: "0.1" } } as const;

describe("a share of the bar's volume", () => {
  it("fills a market order in parts, bar by bar, until it is whole", () => {
    const events = story(
      [flat(1, 0), flat(2, 40), flat(3, 0, 101), flat(4, 35, 102), flat(5, 999, 103)],
      { 1: (ctx) => ctx.enterLong({ qty: 10 }) },
      tenth,
    );
    expect(fillsOf(events)).toEqual(["2 O1 buy 4@100", "4 O1 buy 3@102", "5 O1 buy 3@103"]);
    expect([...ofType(events, "order.partially_filled"), ...ofType(events, "order.filled")].map((e) => e.payload.leaves_qty)).toEqual([
      "6",
      "3",
      "0",
    ]);
  });

  it("is floored to the lot", () => {
    const events = story(
      [flat(1, 0), flat(2, 390), flat(3, 399), flat(4, 9_999)],
      { 1: (ctx) => ctx.enterLong({ qty: 100 }) },
      { ...tenth, instruments: [{ ...marketOf("AAA", []), instrument: { lot_step: "10" } }] },
    );
    expect(fillsOf(events)).toEqual(["2 O1 buy 30@100", "3 O1 buy 30@100", "4 O1 buy 40@100"]);
  });

  it("is one for all orders of the symbol: the oldest of those that act at the same time comes first", () => {
    const events = story(
      [flat(1, 0), flat(2, 100), flat(3, 100)],
      {
        1: (ctx) => {
          ctx.enterLong({ qty: 6 });
          ctx.enterLong({ qty: 6 });
          ctx.enterLong({ qty: 6 });
        },
      },
      tenth,
    );
    expect(fillsOf(events)).toEqual(["2 O1 buy 6@100", "2 O2 buy 4@100", "3 O2 buy 2@100", "3 O3 buy 6@100"]);
  });

  it("lets an IOC expire with its rest, and with nothing where there is no volume", () => {
    const run = (volume: number): readonly PlainEvent[] =>
      story([flat(1, 0), flat(2, volume), flat(3, 999)], { 1: (ctx) => ctx.enterLong({ qty: 10, tif: "IOC" }) }, tenth);
    expect(fillsOf(run(40))).toEqual(["2 O1 buy 4@100"]);
    expect(endsOf(run(40))).toEqual(["2 O1 expired IOC_UNFILLED"]);
    expect(endsOf(run(0))).toEqual(["2 O1 expired NO_VOLUME"]);
    expect(fillsOf(run(0))).toEqual([]);
  });

  it("lets an FOK have all or nothing", () => {
    const run = (volume: number): readonly PlainEvent[] =>
      story([flat(1, 0), flat(2, volume), flat(3, 999)], { 1: (ctx) => ctx.enterLong({ qty: 10, tif: "FOK" }) }, tenth);
    expect(fillsOf(run(100))).toEqual(["2 O1 buy 10@100"]);
    expect(fillsOf(run(99))).toEqual([]);
    expect(endsOf(run(99))).toEqual(["2 O1 expired FOK_UNFILLED"]);
    expect(endsOf(run(0))).toEqual(["2 O1 expired FOK_UNFILLED"]);
  });

  it("never lets an exit take more than is held", () => {
    const events = story(
      [flat(1, 0), flat(2, 100), flat(3, 30), flat(4, 999)],
      {
        1: (ctx) => ctx.enterLong({ qty: 10 }),
        2: (ctx) => {
          ctx.exitLong({ qty: 8 });
          ctx.exitLong({ qty: 8 });
        },
      },
      tenth,
    );
    expect(fillsOf(events)).toEqual(["2 O1 buy 10@100", "3 O2 sell 3@100", "4 O2 sell 5@100", "4 O3 sell 2@100"]);
    expect(endsOf(events)).toEqual(["4 O3 cancelled NOTHING_TO_REDUCE"]);
  });

  it("lets a limit rest with what is left, and a DAY order expire with it", () => {
    const events = story(
      [flat(1, 0), flat(2, 40, 94), flat(3, 40, 96), flat(1440, 40, 94), flat(1441, 999, 94)],
      {
        1: (ctx) => ctx.enterLong({ qty: 10, type: "limit", limit: 95 }),
      },
      tenth,
    );
    expect(fillsOf(events)).toEqual(["2 O1 buy 4@94", "1440 O1 buy 4@94"]);
    expect(endsOf(events)).toEqual(["1440 O1 expired SESSION_CLOSED"]);
  });

  it("ends a resting order with the volume that its bar lacked, unless a later bar filled some of it", () => {
    const resting = (tif: "DAY" | "GTD", ...bars: VolumeBar[]): readonly PlainEvent[] =>
      story(
        [flat(1, 0), ...bars],
        {
          1: (ctx) =>
            ctx.enterLong({ qty: 10, type: "limit", limit: 95, ...(tif === "GTD" ? { tif, expire: DAY_START + 4 * MINUTE } : { tif }) }),
        },
        tenth,
      );
    const [dry, wet, above] = [flat(2, 0, 94), flat(3, 40, 94), flat(3, 40, 96)];
    expect(endsOf(resting("DAY", dry, above, flat(1440, 40, 96)))).toEqual(["1440 O1 expired NO_VOLUME"]);
    expect(endsOf(resting("DAY", dry, wet, flat(1440, 40, 96)))).toEqual(["1440 O1 expired SESSION_CLOSED"]);
    // Volume was there, the price was not.
    expect(endsOf(resting("DAY", flat(2, 0, 96), flat(1440, 40, 96)))).toEqual(["1440 O1 expired SESSION_CLOSED"]);
    expect(endsOf(resting("GTD", dry, above, flat(5, 40, 96)))).toEqual(["5 O1 expired NO_VOLUME"]);
    expect(endsOf(resting("GTD", flat(2, 0, 96), above, flat(5, 40, 96)))).toEqual(["5 O1 expired GTD_EXPIRED"]);
    const triggered = story(
      [flat(1, 0), [2, 100, 106, 100, 104, 0], flat(1440, 0, 103)],
      { 1: (ctx) => ctx.enterLong({ qty: 10, type: "stop", stop: 105 }) },
      tenth,
    );
    expect(endsOf(triggered)).toEqual(["1440 O1 expired NO_VOLUME"]);
  });

  it("triggers a stop on a bar without volume, which then takes the next bar's open", () => {
    const events = story(
      [flat(1, 0), [2, 100, 106, 100, 104, 0], flat(3, 999, 103)],
      {
        1: (ctx) => ctx.enterLong({ qty: 10, type: "stop", stop: 105 }),
      },
      tenth,
    );
    expect(ofType(events, "order.triggered")).toHaveLength(1);
    expect(fillsOf(events)).toEqual(["3 O1 buy 10@103"]);
  });

  it("that is nothing keeps an order of a group from its fill, and leaves the others of the group what the bar does to them", () => {
    const falls: VolumeBar = [2, 98, 98, 90, 90, 0];
    const events = story(
      [flat(1, 0), falls, flat(3, 100, 98)],
      {
        1: (ctx) => {
          ctx.enterShort({ qty: 1, type: "stop", stop: 90, oco: "g" });
          ctx.enterLong({ qty: 1, oco: "g" });
        },
      },
      tenth,
    );
    expect(ofType(events, "order.triggered").map((e) => e.payload)).toEqual([{ order_id: "O1", price: "90" }]);
    expect(fillsOf(events)).toEqual(["3 O1 sell 1@98"]);
  });

  it("is shared with fills at the signal's close, and does not bind what closes positions at the end", () => {
    const events = story(
      [flat(1, 40), flat(2, 40, 101), flat(3, 0, 102)],
      { 1: (ctx) => ctx.enterLong({ qty: 10 }) },
      {
        execution: { participation: "0.1", fill_timing: "signal_close" },
        on_end: "flatten",
      },
    );
    expect(fillsOf(events)).toEqual(["1 O1 buy 4@100", "2 O1 buy 4@101", "3 O2 sell 8@102"]);
  });
});

describe("slippage", () => {
  const taken = (slippage: RunConfig["execution"]["slippage"], volume = 100, qty = 10): readonly string[] =>
    fillsOf(
      story(
        [flat(1, 0), flat(2, volume), flat(3, volume)],
        { 1: (ctx) => ctx.enterLong({ qty }), 2: (ctx) => ctx.exitLong() },
        { execution: { slippage } },
      ),
    );

  it("is worse for both sides under every model", () => {
    expect(taken({ model: "bps", bps: "50" })).toEqual(["2 O1 buy 10@100.5", "3 O2 sell 10@99.5"]);
    expect(taken({ model: "ticks", ticks: "3" })).toEqual(["2 O1 buy 10@100.03", "3 O2 sell 10@99.97"]);
    // A tenth of the volume: 0.1 x 0.01 of the price.
    expect(taken({ model: "volume_share", impact: "0.1" })).toEqual(["2 O1 buy 10@100.1", "3 O2 sell 10@99.9"]);
    // 100 basis points x the root of a quarter.
    expect(taken({ model: "sqrt_impact", bps: "100" }, 40)).toEqual(["2 O1 buy 10@100.5", "3 O2 sell 10@99.5"]);
  });

  it("counts an order beyond the volume as all of it", () => {
    expect(taken({ model: "volume_share", impact: "0.1" }, 5)).toEqual(["2 O1 buy 10@110", "3 O2 sell 10@90"]);
    expect(taken({ model: "sqrt_impact", bps: "100" }, 0)).toEqual(["2 O1 buy 10@101", "3 O2 sell 10@99"]);
  });

  it("leaves limits alone", () => {
    const events = story(
      [flat(1, 0), [2, 100, 100, 94, 95, 100]],
      { 1: (ctx) => ctx.enterLong({ qty: 1, type: "limit", limit: 95 }) },
      {
        execution: { slippage: { model: "bps", bps: "50" } },
      },
    );
    expect(fillsOf(events)).toEqual(["2 O1 buy 1@95"]);
    expect(ofType(events, "order.filled")[0]?.payload.slippage_bps).toBe("0");
  });
});

describe("fees and taxes", () => {
  const costs = (execution: Partial<RunConfig["execution"]>, qty = 100): readonly (readonly (string | undefined)[])[] =>
    ofType(
      story([calm(1), calm(2), calm(3)], { 1: (ctx) => ctx.enterLong({ qty }), 2: (ctx) => ctx.exitLong() }, { execution }),
      "order.filled",
    ).map(({ payload: p }) => [p.side, p.commission, p.tax]);

  it("per share with a minimum and a cap by value", () => {
    const fees = (amount: string, minimum: string, cap_fraction: string | null) => ({
      fees: { model: "per_share", amount, minimum, cap_fraction } as const,
    });
    expect(costs(fees("0.005", "1", null))[0]).toEqual(["buy", "1", undefined]);
    expect(costs(fees("0.05", "1", null))[0]).toEqual(["buy", "5", undefined]);
    // 100 x 100 x 0.0001.
    expect(costs(fees("0.05", "0", "0.0001"))[0]).toEqual(["buy", "1", undefined]);
  });

  it("tax the sale alone, of a short's entry as well", () => {
    expect(costs({ sell_tax_bps: "20" })).toEqual([
      ["buy", "0", undefined],
      ["sell", "0", "20"],
    ]);
    const short = story([calm(1), calm(2)], { 1: (ctx) => ctx.enterShort({ qty: 100 }) }, { execution: { sell_tax_bps: "20" } });
    expect(ofType(short, "order.filled")[0]?.payload.tax).toBe("20");
  });

  it("a maker rests at its price, a taker takes what there is: by when and how the order filled", () => {
    const fees = { execution: { fees: { model: "maker_taker", maker_bps: "10", taker_bps: "30" } } } as const;
    const run = (bars: readonly HandBar[], options: object): readonly (string | undefined)[] =>
      ofType(story(bars, { 1: (ctx) => ctx.enterLong({ qty: 100, tif: "GTC", ...options }) }, fees), "order.filled").flatMap(
        ({ payload: p }) => [p.liquidity, p.commission],
      );
    expect(run([calm(1), calm(2)], {})).toEqual(["taker", "30"]);
    const limit = { type: "limit", limit: 95 };
    expect(run([calm(1), [2, 100, 100, 90, 95]], limit)).toEqual(["maker", "9.5"]);
    // At the open of its first bar it found the price there already; at a later open the price came to it.
    expect(run([calm(1), calm(2, 90)], limit)).toEqual(["taker", "27"]);
    expect(run([calm(1), calm(2), calm(3, 90)], limit)).toEqual(["maker", "9"]);
    expect(run([calm(1), [2, 100, 106, 100, 106]], { type: "stop", stop: 105 })).toEqual(["taker", "31.5"]);
  });
});

describe("sizing through the engine", () => {
  const sized = (sizing: NonNullable<Parameters<typeof story>[2]>["sizing"], options: object = {}, cash = "10000"): readonly PlainEvent[] =>
    story([calm(1), calm(2)], { 1: (ctx) => ctx.enterLong(options) }, { cash, ...(sizing === undefined ? {} : { sizing }) });
  const risk = { mode: "risk_stop", risk_pct: "1", max_position_pct: "20" } as const;

  it("risks what lies between entry and stop: 50 of 10,000 at 100 with a stop at 98, capped to 20", () => {
    expect(fillsOf(sized({ ...risk, max_position_pct: null }, { stop_loss: 98 }))[0]).toBe("2 O1 buy 50@100");
    expect(fillsOf(sized(risk, { stop_loss: 98 }))[0]).toBe("2 O1 buy 20@100");
    expect(fillsOf(sized({ ...risk, max_position_pct: "200" }, { stop_loss: 99.5 }, "10000"))).toEqual([]);
    expect(endsOf(sized({ ...risk, max_position_pct: "200" }, { stop_loss: 99.5 }))[0]).toBe("1 O1 denied NEGATIVE_CASH");
  });

  it("is declined without a stop, and where an entry's own limit leaves none", () => {
    expect(ofType(sized(risk), "signal.declined")[0]?.payload.code).toBe("NO_STOP");
    expect(ofType(sized(risk, { stop_loss: 98 }, "50"), "signal.declined")[0]?.payload.code).toBe("SIZE_BELOW_MINIMUM");
  });

  it("measures the distance from the price that the entry asks for", () => {
    expect(fillsOf(sized({ ...risk, max_position_pct: null }, { type: "stop", stop: 100, stop_loss: 95, tif: "GTC" }))[0]).toBe(
      "2 O1 buy 20@100",
    );
  });

  it("by the average true range counts the whole price until there is one", () => {
    const bars: readonly HandBar[] = [[1, 100, 101, 99, 100], [2, 100, 101, 99, 100], [3, 100, 101, 99, 100], calm(4)];
    const sizing = { mode: "atr", risk_pct: "1", period: 3, multiple: "2", max_position_pct: null } as const;
    const qty = (minute: number): string | undefined =>
      ofType(story(bars, { [minute]: (ctx: { enterLong(): string }) => ctx.enterLong() }, { cash: "10000", sizing }), "order.created")[0]
        ?.payload.qty;
    // Risk 100: a distance of 100 before, then 2 x 2.
    expect(qty(1)).toBe("1");
    expect(qty(3)).toBe("25");
  });
});
