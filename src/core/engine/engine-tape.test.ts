import { describe, expect, it } from "vitest";
import {
  columnsOf,
  driveOver,
  engineOf,
  type FixtureRun,
  flatMinutes,
  foldable,
  type HandBar,
  ofType,
  onMinutes,
  type PlainEvent,
  plainEvents,
  runEngine,
} from "../../../test/support/engine-fixture.js";
import { sha256 } from "../../adapters/node-hash/sha256.js";
import type { TapeWriter } from "../../ports/tape-writer.js";
import { driveBacktest } from "../../usecases/drive-backtest.js";
import { RISK_EVENT_TYPES } from "../gate/risk-events.js";
import type { EventBlock } from "../tape/block.js";
import { BlockTapeWriter } from "../tape/block-tape-writer.js";
import type { CommandInHand } from "../tape/command-in-hand.js";
import { MemoryTapeWriter } from "../tape/memory-tape-writer.js";
import { NullTapeWriter } from "../tape/null-tape-writer.js";
import type { ProposedEvent } from "../tape/proposed-event.js";
import { TapeStopped } from "../tape/tape-stopped.js";
import { runCatalogue } from "./run-event-schemas.js";
import { SESSION_EVENT_TYPES } from "./session-events.js";
import { TradingState } from "./trading-state.js";

const DAY = 1440;
const bars: readonly HandBar[] = [
  ...flatMinutes([100, 101, 99, 102, 103, 98]),
  ...flatMinutes([97, 105, 106], DAY - 3),
  ...flatMinutes([110, 90, 95, 100], 2 * DAY + 1),
];

/** Trades through every handler, with part fills, cancels, expiries, denials and declined signals on the way. */
const busy: FixtureRun = {
  instruments: [
    { columns: columnsOf("AAA", bars) },
    { columns: columnsOf("BBB", flatMinutes([50, 51, 52, 49, 48, 47])) },
    {
      columns: columnsOf("FUT", [...flatMinutes([10, 11]), ...flatMinutes([12], DAY + 1)]),
      instrument: { settlement: "variation_margin" },
    },
    { columns: columnsOf("OLD", [...flatMinutes([10, 12]), ...flatMinutes([7], DAY + 1)]) },
  ],
  financing: {
    day_count: "ACT/365F",
    borrow_rate: "0.1",
    borrow_rates: {},
    // High enough that the little cash between trades earns a cent.
    credit_rate: "3",
    debit_rate: "0.1",
    short_proceeds: "included",
  },
  // OLD pays 1.20 before 2024-01-03 and becomes three for two.
  factors: { OLD: "20240101,0.9,0.6666667,12\n20240102,0.9,0.6666667,12\n20501231,1,1,0\n" },
  cash: "5000",
  execution: { cash_short: "reduce", slippage: { model: "bps", bps: "5" }, fees: { model: "bps", bps: "10" } },
  on_end: "flatten",
  strategy: {
    state: () => ({ bars: 0 }),
    onBar: (bar, ctx) => {
      if (bar.symbol === "FUT" || bar.symbol === "OLD") {
        if (bar.close === 10) ctx.enterLong({ symbol: bar.symbol, qty: 1 });
        return;
      }
      const state = ctx.state as { bars: number };
      state.bars += 1;
      const { qty } = ctx.position();
      const working = ctx.openOrders("AAA");
      if (bar.symbol === "BBB" && state.bars < 4) ctx.enterLong({ qty: 2, take_profit: 70, stop_loss: 40 });
      if (bar.close === 99) ctx.modify("O999", { qty: 1 });
      if (bar.close === 50) ctx.enterShort({ type: "trailing_stop", trail: 5, tif: "GTC", oco: "out", qty: 1 });
      for (const o of working) if (o.limit_price !== null && o.parent_id === null) ctx.modify(o.order_id, { limit: o.limit_price + 0.5 });
      for (const o of ctx.openOrders("BBB")) if (o.parent_id !== null) ctx.modify(o.order_id, { qty: 1 });
      // The next bar opens eight dollars higher, where the money is not enough.
      if (bar.close === 97) ctx.enterLong({ qty: 55 });
      else if (state.bars % 5 === 0) ctx.enterLong({ qty: 100 });
      else if (qty > 0 && state.bars % 3 === 0) {
        ctx.exitLong({ type: "stop", stop: bar.close * 0.98, tif: "GTC" });
        ctx.exitLong({ type: "limit", limit: bar.close * 1.02 });
      } else if (state.bars % 2 === 0) ctx.enterLong({ qty: 7, tif: "IOC" });
      else ctx.enterShort({ qty: 2, type: "limit", limit: bar.close });
    },
    onFill: (fill, ctx) => {
      if (fill.side === "sell") for (const o of ctx.openOrders(fill.symbol)) if (o.order_type !== "market") ctx.cancel(o.order_id);
    },
    onSession: (session, ctx) => {
      if (session.kind !== "close") return;
      ctx.hold({ symbol: "AAA", metadata: { session: session.session } });
      ctx.enterLong({ symbol: "BBB", qty: 0 });
    },
  },
};

describe("a busy run", () => {
  const { events, engine } = runEngine(busy);

  it("is busy: every kind of event that a backtest can make is in it", () => {
    const kinds = new Set(events.map((e) => e.type));
    // A simulated venue refuses nothing at submission, and is never late; without a policy nobody watches the account's risk, and no bar arrives late to a backtest.
    const absent = new Set<string>(["order.rejected", "fill.late", ...RISK_EVENT_TYPES, ...SESSION_EVENT_TYPES]);
    for (const type of runCatalogue.definitions.map((d) => d.type)) if (!absent.has(type)) expect(kinds, type).toContain(type);
  });

  it("numbers the events of a command as the tape does, and causes name earlier events of the same command or a pin", () => {
    const proposals: { readonly index: number; readonly cause: number }[] = [];
    const again = engineOf(busy);
    const tape = new MemoryTapeWriter(runCatalogue);
    driveBacktest(again, {
      begin: (command) => tape.begin(command),
      accept: (batch) => {
        for (const event of batch) proposals.push(event as ProposedEvent & { readonly index: number });
        tape.accept(batch);
      },
      flush: () => tape.flush(),
      get position() {
        return tape.position;
      },
    });
    const accepted = tape.events();
    expect(accepted).toHaveLength(proposals.length);
    accepted.forEach((e, i) => {
      expect(e.index_in_command, `${e.position} ${e.type} of ${e.command}`).toBe(proposals[i]?.index);
    });
  });

  it("uses each command id once, in one stretch", () => {
    const stretches = events.map((e) => e.command).filter((c, i, all) => c !== all[i - 1]);
    expect(new Set(stretches).size).toBe(stretches.length);
  });

  it("chains what an order goes through by cause, over every order", () => {
    const byCommand = new Map<string, PlainEvent[]>();
    for (const e of events) byCommand.set(e.command, [...(byCommand.get(e.command) ?? []), e]);
    const causeOf = (e: PlainEvent): PlainEvent | undefined => (e.cause >= 0 ? byCommand.get(e.command)?.[e.cause] : undefined);
    const expected: Readonly<Record<string, string>> = {
      "order.created": "signal.emitted",
      "risk.decided": "order.created",
      "order.submitted": "risk.decided",
      "order.accepted": "order.submitted",
      "signal.declined": "signal.emitted",
    };
    for (const e of events) {
      // Exits follow from the approval of the entry that brings them, changes from the request for them.
      const exit = e.type === "order.created" && e.payload.parent_id !== undefined;
      const change = e.type === "risk.decided" && e.payload.subject === "modification";
      const want = exit ? "risk.decided" : change ? "order.modify_requested" : expected[e.type];
      if (want === undefined) continue;
      const cause = causeOf(e);
      expect(cause?.type).toBe(want);
      if ("signal_id" in e.payload && cause?.type === "signal.emitted") expect(e.payload.signal_id).toBe(cause.payload.signal_id);
      else if (exit) expect(cause?.stream).toBe(`order/${e.payload.parent_id}`);
      else expect(cause?.stream).toBe(e.stream);
    }
  });

  it("folds afresh from its events to the same state, at every close and at the end", () => {
    const fresh = new TradingState(engine.state.units, 500_000n, 2);
    for (const e of events) {
      if (e.type === "session.closed" || e.type === "run.completed") expect(sha256(fresh.text())).toBe(e.payload.state_sha256);
      fresh.apply(foldable(e));
    }
    expect(fresh.text()).toBe(engine.state.text());
    for (const e of ofType(events, "order.created")) expect(fresh.createdUnder(() => e.payload.idempotency_key)).toEqual(e.payload);
  });

  it("is the same to the byte on a second run, and on a tape cut into blocks of any size", () => {
    const reference = new MemoryTapeWriter(runCatalogue);
    driveOver(busy, reference);
    for (const cut of [{ mode: "strict" }, ...[1, 7, 64, 100_000].map((n) => ({ mode: "block", block_events: n }) as const)] as const) {
      const blocks: EventBlock[] = [];
      const tape = new BlockTapeWriter({ catalogue: runCatalogue, ...cut, emit: (b) => blocks.push(b), awaitCommit: () => {} });
      driveOver(busy, tape);
      expect(blocks.map((b) => b.payloads).join("")).toBe(reference.blocks.map((b) => b.payloads).join(""));
      expect(blocks.flatMap((b) => [...b.streams])).toEqual(reference.blocks.flatMap((b) => [...b.streams]));
      expect(blocks.flatMap((b) => [...b.versions])).toEqual(reference.blocks.flatMap((b) => [...b.versions]));
      expect(blocks.flatMap((b) => [...b.index_in_command])).toEqual(reference.blocks.flatMap((b) => [...b.index_in_command]));
      expect(blocks.flatMap((b) => [...b.causes])).toEqual(reference.blocks.flatMap((b) => [...b.causes]));
    }
  });

  it("trades the same with the tape switched off", () => {
    const off = driveOver(busy, new NullTapeWriter());
    expect(off.state.text()).toBe(engine.state.text());
  });
});

/** A tape that says when it was asked to accept what. */
class SpyTape implements TapeWriter {
  readonly log: string[];
  readonly #inner: MemoryTapeWriter = new MemoryTapeWriter(runCatalogue);
  readonly #failAt: number;

  constructor(log: string[], failAt: number = Number.POSITIVE_INFINITY) {
    this.log = log;
    this.#failAt = failAt;
  }

  get position(): number {
    return this.#inner.position;
  }
  begin(source: CommandInHand): void {
    this.#inner.begin(source);
  }
  accept(events: readonly ProposedEvent[]): void {
    if (this.position + events.length >= this.#failAt) throw new TapeStopped("the disk is full", this.position);
    this.#inner.accept(events);
    for (const e of plainEvents(this.#inner).slice(-events.length)) this.log.push(`accepted ${e.type}`);
  }
  flush(): void {
    this.#inner.flush();
  }
}

describe("append first", () => {
  function spied(failAt?: number): { readonly log: string[]; readonly act: () => void } {
    const log: string[] = [];
    const act = (): void => {
      driveOver(
        {
          instruments: [{ columns: columnsOf("AAA", flatMinutes([100, 101, 102])) }],
          strategy: {
            onBar: (bar, ctx) => {
              log.push(`bar ${bar.close}`);
              if (bar.close === 100) ctx.enterLong();
            },
            onFill: (fill) => void log.push(`fill ${fill.fill_id}`),
            onSession: (s) => void log.push(`session ${s.kind}`),
          },
        },
        new SpyTape(log, failAt),
      );
    };
    return { log, act };
  }

  it("no handler sees an event that the tape has not accepted", () => {
    const { log, act } = spied();
    act();
    expect(log).toEqual([
      "accepted run.started",
      "accepted bars.attached",
      "accepted session.opened",
      "session open",
      "bar 100",
      "accepted signal.emitted",
      "accepted order.created",
      "accepted risk.decided",
      "accepted order.submitted",
      "accepted order.accepted",
      "accepted order.filled",
      "fill O1-F1",
      "bar 101",
      "bar 102",
      "session close",
      "accepted session.closed",
      "accepted run.completed",
    ]);
  });

  it("a tape that fails stops the run before any handler hears of what it could not take", () => {
    for (const [failAt, last] of [
      [1, undefined],
      [3, "accepted run.started"],
      [4, "bar 100"],
      [9, "accepted order.accepted"],
      [10, "session close"],
    ] as const) {
      const { log, act } = spied(failAt);
      expect(act).toThrow(TapeStopped);
      expect(log.at(-1)).toBe(last);
    }
  });
});

describe("a run's first and last event", () => {
  it("say what was run and what came of it", () => {
    const { events } = runEngine({
      instruments: [{ columns: columnsOf("AAA", flatMinutes([100, 110, 120])) }],
      strategy: { onBar: onMinutes({ 1: (ctx) => ctx.enterLong({ qty: 3 }) }) },
      execution: { fees: { model: "fixed", amount: "1.25" } },
    });
    expect(events[0]).toMatchObject({ type: "run.started", stream: "run", version: 1, command: "start" });
    expect(ofType(events, "run.completed")[0]?.payload).toMatchObject({
      status: "completed",
      bars: 3,
      slices: 3,
      sessions: 1,
      signals: 1,
      orders: 1,
      fills: 1,
      cash: "99668.75",
      equity: "100028.75",
    });
    expect(ofType(events, "run.completed")[0]?.payload).not.toHaveProperty("error");
  });
});
