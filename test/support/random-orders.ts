/** Random orders over random bars of three symbols: entries, exits, brackets, changes and cancels of what works. */
import fc from "fast-check";
import { unlimitedPolicy } from "../../src/core/gate/no-limits.js";
import type { RiskPolicy } from "../../src/core/gate/policy.js";
import type { Instrument } from "../../src/core/market/instrument.js";
import type { AnyStrategy } from "../../src/core/strategy/strategy.js";
import { at, columnsOf, type FixtureRun, type HandBar } from "./engine-fixture.js";

const SYMBOLS = ["AAPL", "BR", "NG"] as const;
const BARS = 8;

const price = fc.integer({ min: 80, max: 120 });
const row = fc.array(fc.tuple(price, price), { minLength: BARS, maxLength: BARS });
interface Wish {
  /** Number of the bar, from 1, after which it is asked for. */
  readonly bar: number;
  readonly symbol: (typeof SYMBOLS)[number];
  readonly action: "enterLong" | "enterShort" | "exitLong" | "exitShort" | "modify" | "cancel";
  readonly type: "market" | "limit" | "stop";
  readonly price: number;
  readonly qty: number;
  readonly stop_loss: number | null;
}

const wish: fc.Arbitrary<Wish> = fc.record({
  bar: fc.integer({ min: 1, max: BARS - 1 }),
  symbol: fc.constantFrom(...SYMBOLS),
  action: fc.constantFrom(
    "enterLong",
    "enterLong",
    "enterShort",
    "enterShort",
    "exitLong",
    "exitShort",
    "modify",
    "modify",
    "modify",
    "cancel",
  ),
  type: fc.constantFrom("market", "limit", "limit", "stop"),
  price,
  qty: fc.integer({ min: 1, max: 60 }),
  stop_loss: fc.constantFrom(null, 5),
});
type Context = Parameters<NonNullable<AnyStrategy["onBar"]>>[1];

function ask(ctx: Context, { action, type, price: at_, qty, stop_loss, symbol }: Wish, close: number): void {
  const terms = type === "market" ? {} : type === "limit" ? { type, limit: at_ } : { type, stop: at_ };
  switch (action) {
    case "exitLong":
    case "exitShort":
      ctx[action]({ ...terms, tif: "GTC" });
      return;
    case "cancel":
    case "modify": {
      const open = ctx.openOrders(symbol)[0];
      if (open === undefined) return;
      if (action === "cancel") ctx.cancel(open.order_id);
      else ctx.modify(open.order_id, { qty });
      return;
    }
    default: {
      const entry = type === "market" ? close : at_;
      const exits = stop_loss === null ? {} : { stop_loss: action === "enterLong" ? entry - stop_loss : entry + stop_loss };
      ctx[action]({ ...terms, ...exits, qty, tif: "GTC" });
    }
  }
}

export interface RandomOrders {
  /** Open and close of each bar, by symbol. */
  readonly data: readonly (readonly (readonly [open: number, close: number])[])[];
  readonly wishes: readonly Wish[];
}

/** What three symbols do and what is asked for, for {@link randomRun}. */
export const randomOrders: fc.Arbitrary<RandomOrders> = fc.record({
  data: fc.tuple(row, row, row),
  wishes: fc.array(wish, { minLength: 4, maxLength: 16 }),
});

export function randomRun({ data, wishes }: RandomOrders, instrument: Partial<Instrument> = {}): FixtureRun {
  return {
    instruments: SYMBOLS.map((symbol, i) => ({
      columns: columnsOf(
        symbol,
        (data[i] ?? []).map(([open, close], n): HandBar => [n + 1, open, Math.max(open, close) + 2, Math.min(open, close) - 2, close]),
      ),
      instrument,
    })),
    strategy: {
      onBar: (bar, ctx) => {
        for (const one of wishes) if (one.symbol === bar.symbol && at(one.bar) === bar.ts) ask(ctx, one, bar.close);
      },
    },
  };
}

/** The policy with its rules about trading taken away: orders of every symbol come as far as the limits on what they add up to. */
export function openTo(policy: RiskPolicy): RiskPolicy {
  const { crossing, price_collar } = policy.trading;
  return { ...policy, trading: { ...unlimitedPolicy("").trading, crossing, price_collar } };
}

/** Without a rate for euros nothing else would ever be asked. */
export function inOneCurrency(policy: RiskPolicy): RiskPolicy {
  return JSON.parse(JSON.stringify(policy).replaceAll('"EUR"', '"base"')) as RiskPolicy;
}
