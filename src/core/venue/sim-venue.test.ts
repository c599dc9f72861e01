import { describe, expect, it } from "vitest";
import { testOrder } from "../../../test/support/order-state.js";
import { testInstrument } from "../../../test/support/run-tape.js";
import { sha256 } from "../../adapters/node-hash/sha256.js";
import { DEFAULT_EXECUTION, type ExecutionConfig } from "../engine/run-config.js";
import { type GateInput, RiskGate } from "../gate/gate.js";
import { unitsOf } from "../money/units.js";
import { leaves, type Order, type OrderState } from "../orders/order.js";
import { ticketOf } from "../orders/ticket.js";
import { type BarPrices, matchBar, matchClose } from "./matching.js";
import { type Counterpart, SimVenue, simOrderId, type VenueAccount, type VenueAnswer } from "./sim-venue.js";

const units = unitsOf(testInstrument("AAA", { lot_step: "5", min_qty: "10" }), 2, 2);
const BAR: BarPrices = { open: 100_00, high: 110_00, low: 90_00, close: 105_00 };

/** An account, and what its position holds. */
interface Holding extends VenueAccount {
  readonly held: number;
}

/** The venue, with what the desk hands it. */
interface Venue {
  matchBar(order: OrderState, bar: BarPrices, u: typeof units, account: Holding, met?: Partial<Counterpart>): VenueAnswer | null;
  matchClose(order: OrderState, close: number, u: typeof units, account: Holding): VenueAnswer | null;
  submit: SimVenue["submit"];
}

function venueWith(changes: Partial<ExecutionConfig> = {}): Venue {
  const config = { ...DEFAULT_EXECUTION, ...changes };
  const venue = new SimVenue(config, 2);
  const meeting = (o: OrderState, u: typeof units, account: Holding): Counterpart => ({
    units: u,
    held: account.held,
    open: leaves(o),
    volume: 1_000,
    capacity: Number.POSITIVE_INFINITY,
    arriving: false,
  });
  return {
    matchBar: (o, bar, u, account, met) =>
      venue.answer(o, matchBar(o, bar, config.limit_fill), { ...meeting(o, u, account), ...met }, account),
    matchClose: (o, close, u, account) => venue.answer(o, matchClose(close), meeting(o, u, account), account),
    submit: (o) => venue.submit(o),
  };
}

function order(changes: Parameters<typeof testOrder>[0] = {}): Order {
  return testOrder({ qty: 50, ...changes });
}

/** An account that holds `qty` and has equity in dollars; means are equity less costs less the gross value held after the fill. */
function holding(qty: number, equity: number): Holding {
  return {
    held: qty,
    carries: (_, fill) => {
      const after = qty + (fill.side === "buy" ? fill.qty : -fill.qty);
      return BigInt(equity * 100) - fill.commission - BigInt(Math.abs(after) * fill.price) >= 0n;
    },
  };
}

const rich = holding(0, 1_000_000);

describe("submitting to the simulated venue", () => {
  const gate = new RiskGate(sha256, { forbid_flips: false });
  const anyOrder: GateInput = {
    ...{ qty: 1, lot: 1, min_qty: 1, tick: 1, limit: null, stop: null, reduce_only: false, last_price: 1 },
    ...{ rate_known: true, flips: false, cash: 1n, shortfall: () => 0n },
  };
  const ticket = ticketOf(order({ type: "stop_limit", limit: 101_50, stop: 101_00 }), units);

  it("takes an approved order", () => {
    const approved = gate.approve(ticket, "O1", gate.decide(anyOrder, "O1"));
    expect(() => venueWith().submit(approved)).not.toThrow();
  });

  it("refuses an order whose approval was forged", () => {
    const approved = gate.approve(ticket, "O1", gate.decide(anyOrder, "O1"));
    const copy: unknown = Object.create(approved, { order_id: { value: "O1" }, qty: { value: "1000000" } });
    expect(() => venueWith().submit(copy as typeof approved)).toThrow(/O1 carries no approval/);
    const bare: unknown = { order_id: "O1", policy_sha256: gate.policy_sha256 };
    expect(() => venueWith().submit(bare as typeof approved)).toThrow(/no approval/);
  });

  it("sees quantities and prices as decimal text", () => {
    expect(ticket).toMatchObject({ qty: "50", limit_price: "101.5", stop_price: "101", symbol: "AAA" });
    expect(ticketOf(order(), units)).toMatchObject({ limit_price: null, stop_price: null });
  });
});

describe("cash that falls short at the fill", () => {
  it("to the cent is no shortage", () => {
    const answer = venueWith().matchBar(order(), BAR, units, holding(0, 5_000));
    expect(answer).toMatchObject({ fill: { units: { qty: 50, price: 100_00 } }, end: null });
  });

  it("rejects the whole order by default", () => {
    const answer = venueWith().matchBar(order(), BAR, units, holding(0, 4_999.99));
    expect(answer).toEqual({ trigger: null, fill: null, end: { kind: "cancelled", reason: "CASH_SHORT" } });
  });

  it("reduces to as many lots as are paid for, and ends the rest", () => {
    const answer = venueWith({ cash_short: "reduce" }).matchBar(order(), BAR, units, holding(0, 4_999.99));
    expect(answer).toMatchObject({ fill: { units: { qty: 45 } }, end: { kind: "cancelled", reason: "CASH_SHORT" } });
  });

  it("counts the commission in", () => {
    const venue = venueWith({ cash_short: "reduce", fees: { model: "fixed", amount: "0.01" } });
    expect(venue.matchBar(order(), BAR, units, holding(0, 5_000))).toMatchObject({ fill: { units: { qty: 45, commission: 1n } } });
    expect(venue.matchBar(order(), BAR, units, holding(0, 5_000.01))).toMatchObject({ fill: { units: { qty: 50 } }, end: null });
  });

  it("fills nothing when what remains is below the smallest order", () => {
    const venue = venueWith({ cash_short: "reduce" });
    expect(venue.matchBar(order(), BAR, units, holding(0, 1_000))).toMatchObject({ fill: { units: { qty: 10 } } });
    expect(venue.matchBar(order(), BAR, units, holding(0, 999.99))).toMatchObject({ fill: null, end: { reason: "CASH_SHORT" } });
  });

  it("never fills a part of a fill-or-kill order", () => {
    const answer = venueWith({ cash_short: "reduce" }).matchBar(order({ tif: "FOK" }), BAR, units, holding(0, 4_999.99));
    expect(answer).toMatchObject({ fill: null, end: { reason: "CASH_SHORT" } });
  });

  it("does not stop what only closes a position", () => {
    for (const cash_short of ["reject", "reduce"] as const) {
      const answer = venueWith({ cash_short }).matchBar(order({ side: "sell" }), BAR, units, holding(50, -1_000));
      expect(answer).toMatchObject({ fill: { units: { qty: 50 } }, end: null });
    }
  });

  it("reduces a flip to what closes when nothing more is paid for, even from means below zero", () => {
    const answer = venueWith({ cash_short: "reduce" }).matchBar(order({ side: "sell", qty: 80 }), BAR, units, holding(50, -1_000));
    expect(answer).toMatchObject({ fill: { units: { qty: 50 } }, end: { reason: "CASH_SHORT" } });
  });
});

describe("times in force", () => {
  const limit = { type: "limit", limit: 80_00 } as const;

  it.each(["IOC", "FOK"] as const)("%s expires on the first bar that does not fill it", (tif) => {
    const answer = venueWith().matchBar(order({ ...limit, tif }), BAR, units, rich);
    expect(answer).toEqual({ trigger: null, fill: null, end: { kind: "expired", reason: `${tif}_UNFILLED` } });
  });

  it.each(["DAY", "GTC"] as const)("%s waits", (tif) => {
    expect(venueWith().matchBar(order({ ...limit, tif }), BAR, units, rich)).toBeNull();
  });

  it("a stop that is reached without a fill is told even when the order then expires", () => {
    const working = order({ type: "stop_limit", stop: 108_00, limit: 95_00, tif: "IOC" });
    expect(venueWith().matchBar(working, BAR, units, rich)).toEqual({
      trigger: 108_00,
      fill: null,
      end: { kind: "expired", reason: "IOC_UNFILLED" },
    });
  });

  it("a stop is told once", () => {
    const working = order({ type: "stop_limit", stop: 108_00, limit: 95_00 });
    expect(venueWith().matchBar(working, BAR, units, rich)).toEqual({ trigger: 108_00, fill: null, end: null });
    const triggered = order({ type: "stop_limit", stop: 108_00, triggered: true, limit: 85_00 });
    expect(venueWith().matchBar(triggered, BAR, units, rich)).toBeNull();
  });
});

describe("an order that only reduces", () => {
  const exit = (changes: Partial<OrderState> = {}) => order({ side: "sell", reduce_only: true, ...changes });

  it("fills at most what the position holds and ends", () => {
    expect(venueWith().matchBar(exit(), BAR, units, holding(30, 0))).toMatchObject({
      fill: { units: { qty: 30 } },
      end: { kind: "cancelled", reason: "NOTHING_TO_REDUCE" },
    });
    expect(venueWith().matchBar(exit(), BAR, units, holding(70, 0))).toMatchObject({ fill: { units: { qty: 50 } }, end: null });
  });

  it("is cancelled when the position is flat or on its own side", () => {
    for (const qty of [0, -30]) {
      const answer = venueWith().matchBar(exit(), BAR, units, holding(qty, 0));
      expect(answer).toEqual({ trigger: null, fill: null, end: { kind: "cancelled", reason: "NOTHING_TO_REDUCE" } });
    }
    expect(venueWith().matchBar(exit({ side: "buy" }), BAR, units, holding(-30, 0))).toMatchObject({ fill: { units: { qty: 30 } } });
  });

  it("as fill-or-kill expires when the position is smaller than the order", () => {
    const answer = venueWith().matchBar(exit({ tif: "FOK" }), BAR, units, holding(30, 0));
    expect(answer).toEqual({ trigger: null, fill: null, end: { kind: "expired", reason: "FOK_UNFILLED" } });
  });

  it("waits while its price is not reached, whatever the position", () => {
    expect(venueWith().matchBar(exit({ type: "limit", limit: 120_00, tif: "GTC" }), BAR, units, holding(0, 0))).toBeNull();
  });
});

describe("a fill", () => {
  it("names its slippage only where it paid any", () => {
    const venue = venueWith({ slippage: { model: "bps", bps: "10" } });
    expect(venue.matchBar(order(), BAR, units, rich)).toMatchObject({ fill: { slippage_bps: "10", units: { price: 100_10 } } });
    const limit = order({ type: "limit", limit: 100_00 });
    expect(venue.matchBar(limit, BAR, units, rich)).toMatchObject({ fill: { slippage_bps: "0", units: { price: 100_00 } } });
  });

  it("is of what is left after earlier fills", () => {
    const answer = venueWith().matchBar(order({ filled: 20, status: "partially_filled" }), BAR, units, rich);
    expect(answer).toMatchObject({ fill: { units: { qty: 30 } }, end: null });
  });

  it("pays commission on the price after slippage", () => {
    const venue = venueWith({ slippage: { model: "bps", bps: "100" }, fees: { model: "bps", bps: "100" } });
    expect(venue.matchClose(order(), 100_00, units, rich)).toMatchObject({
      fill: { at: "close", units: { price: 101_00, commission: 50_50n } },
    });
  });
});

describe("what a bar's volume leaves", () => {
  const working = (changes: Partial<OrderState> = {}) => order({ tif: "GTC", ...changes });

  it("is filled, and the rest works on", () => {
    expect(venueWith().matchBar(working(), BAR, units, rich, { capacity: 20 })).toMatchObject({ fill: { units: { qty: 20 } }, end: null });
  });

  it("ends an immediate-or-cancel order with its rest, and a fill-or-kill one without a fill", () => {
    expect(venueWith().matchBar(working({ tif: "IOC" }), BAR, units, rich, { capacity: 20 })).toMatchObject({
      fill: { units: { qty: 20 } },
      end: { kind: "expired", reason: "IOC_UNFILLED" },
    });
    expect(venueWith().matchBar(working({ tif: "FOK" }), BAR, units, rich, { capacity: 45 })).toMatchObject({
      fill: null,
      end: { kind: "expired", reason: "FOK_UNFILLED" },
    });
  });

  it("leaves an order waiting where it is nothing, and says why an immediate one ended", () => {
    const met = { capacity: 0, volume: 0 };
    expect(venueWith().matchBar(working(), BAR, units, rich, met)).toBeNull();
    expect(venueWith().matchBar(working({ tif: "IOC" }), BAR, units, rich, met)).toMatchObject({
      fill: null,
      end: { reason: "NO_VOLUME" },
    });
  });

  it("does not end an order that only reduces and still has something to reduce", () => {
    const exit = working({ side: "sell", reduce_only: true });
    expect(venueWith().matchBar(exit, BAR, units, holding(50, 0), { capacity: 20 })).toMatchObject({
      fill: { units: { qty: 20 } },
      end: null,
    });
  });
});

describe("maker and taker", () => {
  const venue = venueWith({ fees: { model: "maker_taker", maker_bps: "1", taker_bps: "10" } });
  const limit = order({ type: "limit", limit: 95_00 });

  it("pay the taker's rate for a price that is taken, and the maker's for one that is waited for", () => {
    // 50 at 100.00 is 5,000.00: 10 bps are 5.00. 50 at 95.00 is 4,750.00: 1 bp is 0.475, half-even 0.48.
    expect(venue.matchBar(order(), BAR, units, rich)).toMatchObject({ fill: { commission: 5_00n, liquidity: "taker" } });
    expect(venue.matchBar(limit, BAR, units, rich)).toMatchObject({ fill: { commission: 48n, liquidity: "maker" } });
  });

  it("pay the taker's rate for a limit that is marketable when it arrives, and the maker's when the market comes to it", () => {
    const marketable = order({ type: "limit", limit: 101_00 });
    expect(venue.matchBar(marketable, BAR, units, rich, { arriving: true })).toMatchObject({ fill: { at: "open", liquidity: "taker" } });
    expect(venue.matchBar(marketable, BAR, units, rich)).toMatchObject({ fill: { at: "open", liquidity: "maker" } });
  });
});

describe("tax on sales", () => {
  it("is paid by sales alone, beside the commission", () => {
    const venue = venueWith({ sell_tax_bps: "18", fees: { model: "bps", bps: "10" } });
    // 50 at 100.00: 0.18 % of 5,000.00 is 9.00.
    const sale = venue.matchBar(order({ side: "sell" }), BAR, units, holding(50, 0));
    expect(sale).toMatchObject({ fill: { commission: 5_00n, tax: 9_00n, units: { commission: 14_00n } } });
    expect(venue.matchBar(order(), BAR, units, rich)).toMatchObject({ fill: { tax: 0n, units: { commission: 5_00n } } });
  });
});

describe("the costs of taking a quantity at a price", () => {
  const venue = new SimVenue(
    { ...DEFAULT_EXECUTION, fees: { model: "maker_taker", maker_bps: "1", taker_bps: "10" }, sell_tax_bps: "5" },
    2,
  );

  it("are the taker's fee, and the tax of a sale on top", () => {
    // 1,000.00: 10 bps are 1.00, 5 bps 0.50.
    expect(venue.costs(units, "buy", 100_00, 10)).toBe(100n);
    expect(venue.costs(units, "sell", 100_00, 10)).toBe(150n);
  });
});

it.each([
  ["signal_close", true],
  ["next_open", false],
] as const)("with %s it fills market orders at the close: %o", (fill_timing, atClose) => {
  expect(new SimVenue({ ...DEFAULT_EXECUTION, fill_timing }, 2).fillsAtClose).toBe(atClose);
});

describe("an exit", () => {
  const terms = { side: "sell", type: "limit", limit: 105_00, parent: "O0" } as const;
  const exit = order(terms);

  it("fills no more than what its entry brought in, and works on", () => {
    expect(venueWith().matchBar(exit, BAR, units, holding(50, 1_000_000), { open: 20 })).toMatchObject({
      fill: { units: { side: "sell", qty: 20, price: 105_00 } },
      end: null,
    });
  });

  it("fills no more than its own rest, where its entry brought in more", () => {
    expect(venueWith().matchBar(order({ ...terms, filled: 40 }), BAR, units, holding(50, 1_000_000), { open: 50 })?.fill?.units.qty).toBe(
      10,
    );
  });
});

describe("a fill tells", () => {
  const fees = { model: "maker_taker", maker_bps: "1", taker_bps: "10" } as const;
  const limit = order({ type: "limit", limit: 95_00 });

  it("whether its order rested or took, where fees depend on it", () => {
    expect(venueWith({ fees }).matchBar(limit, BAR, units, rich, { arriving: true })?.fill?.liquidity).toBe("maker");
    expect(venueWith({ fees }).matchBar(order(), BAR, units, rich)?.fill?.liquidity).toBe("taker");
    const through = order({ type: "limit", limit: 101_00 });
    expect(venueWith({ fees }).matchBar(through, BAR, units, rich, { arriving: true })?.fill?.liquidity).toBe("taker");
    expect(venueWith({ fees }).matchBar(through, BAR, units, rich, { arriving: false })?.fill?.liquidity).toBe("maker");
    expect(venueWith({ fees: { model: "none" } }).matchBar(order(), BAR, units, rich)?.fill?.liquidity).toBeNull();
  });

  it("its slippage: as the config says it in basis points, as it came to for other models, nothing for a limit", () => {
    const slipped = (slippage: ExecutionConfig["slippage"], o: OrderState): string | undefined =>
      venueWith({ slippage }).matchBar(o, BAR, units, rich)?.fill?.slippage_bps;
    // 0.333 bps of 100.00 is less than a cent and moves nothing.
    expect(slipped({ model: "bps", bps: "0.333" }, order())).toBe("0.333");
    expect(slipped({ model: "ticks", ticks: "1" }, order())).toBe("1");
    expect(slipped({ model: "ticks", ticks: "1" }, limit)).toBe("0");
    expect(slipped({ model: "bps", bps: "0.333" }, limit)).toBe("0");
  });
});

describe("an order that fills whole", () => {
  it.each(["FOK", "IOC", "DAY"] as const)("ends by that alone with %s", (tif) => {
    expect(venueWith().matchBar(order({ tif }), BAR, units, rich)).toMatchObject({ fill: { units: { qty: 50 } }, end: null });
  });
});

it("an order that only reduces works on where the bar's volume, and not the position, held it back", () => {
  const exit = order({ side: "sell", reduce_only: true });
  expect(venueWith().matchBar(exit, BAR, units, holding(30, 1_000_000), { capacity: 10 })).toMatchObject({
    fill: { units: { qty: 10 } },
    end: null,
  });
  expect(venueWith().matchBar(exit, BAR, units, holding(30, 1_000_000))).toMatchObject({
    fill: { units: { qty: 30 } },
    end: { kind: "cancelled", reason: "NOTHING_TO_REDUCE" },
  });
});

it("the venue names an order by its number", () => {
  expect(simOrderId(7)).toBe("SIM-7");
});
