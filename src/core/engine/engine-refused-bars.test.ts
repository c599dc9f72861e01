/** Bars that nobody can trade on, as they come to a session: twice, late, torn, at a time without a zone. */
import { describe, expect, test } from "vitest";
import { arrivalsOf, arriving, slicesOf } from "../../../test/support/arriving-fixture.js";
import { at, columnsOf, flatMinutes, ofType, type PlainEvent, plainEvents, specOf } from "../../../test/support/engine-fixture.js";
import { driveBacktest } from "../../usecases/drive-backtest.js";
import { unlimitedPolicy } from "../gate/no-limits.js";
import type { RiskPolicy } from "../gate/policy.js";
import { MemoryTapeWriter } from "../tape/memory-tape-writer.js";
import type { Arrival, ArrivedSlice } from "./arrival-feed.js";
import { Engine } from "./engine.js";
import type { EngineSpec } from "./engine-spec.js";
import { recordedArrivals } from "./recorded-arrivals.js";
import { runCatalogue } from "./run-event-schemas.js";

const AAA = 0;
const BBB = 1;
const columns = ["AAA", "BBB"].map((symbol) => columnsOf(symbol, flatMinutes([100, 100, 100, 100, 100])));
const slices = slicesOf(columns);
const none = unlimitedPolicy("desk");
const ready: RiskPolicy = { ...none, trading: { ...none.trading, readiness_seconds: 90 } };

/** Orders both symbols with each bar of BBB: the bar of AAA may be missing then. */
function spec(risk: RiskPolicy | null): EngineSpec {
  return specOf({
    instruments: columns.map((c) => ({ columns: c })),
    strategy: {
      onBar: (bar, ctx) => {
        if (bar.symbol !== "BBB") return;
        ctx.enterLong({ symbol: "AAA", qty: 1 });
        ctx.enterLong({ symbol: "BBB", qty: 1 });
      },
    },
    ...(risk === null ? {} : { risk }),
  });
}

interface Ran {
  readonly events: readonly PlainEvent[];
  readonly tape: MemoryTapeWriter;
}

function run(arrivals: readonly Arrival[], risk: RiskPolicy | null = ready): Ran {
  const tape = new MemoryTapeWriter(runCatalogue);
  driveBacktest(new Engine(arriving(spec(risk), arrivalsOf(arrivals))), tape);
  return { events: plainEvents(tape), tape };
}

/** `minute symbol verdict` of each decision. */
function verdicts({ events }: Ran): readonly string[] {
  const symbols = new Map(ofType(events, "order.created").map(({ payload }) => [payload.order_id, payload.symbol]));
  return ofType(events, "risk.decided").map(
    ({ occurred_at, payload }) => `${(occurred_at - at(0)) / 60_000} ${symbols.get(payload.order_id)} ${payload.code ?? "ok"}`,
  );
}

/** A slice with the bar of BBB alone. */
function alone(slice: ArrivedSlice): ArrivedSlice {
  return { ...slice, bars: slice.bars.filter(({ instrument }) => instrument === BBB) };
}

const [first, second, third, fourth] = slices as [ArrivedSlice, ArrivedSlice, ArrivedSlice, ArrivedSlice];
const numbers = { open: 10_000, high: 10_000, low: 10_000, close: 10_000, volume: 1 };

const FAULTY: readonly (readonly [what: string, arrival: Arrival, payload: object])[] = [
  [
    "a bar that came already",
    { raw: { instrument: AAA, ts: second.ts, ...numbers } },
    { symbol: "AAA", faults: ["DUPLICATE_BAR"], ts: second.ts, open: "100", high: "100", low: "100", close: "100", volume: "1" },
  ],
  [
    "a bar that is older than the newest",
    { raw: { instrument: AAA, ts: first.ts, ...numbers } },
    { symbol: "AAA", faults: ["OUT_OF_ORDER_BAR"], ts: first.ts, open: "100", high: "100", low: "100", close: "100", volume: "1" },
  ],
  [
    "a bar without its close",
    { raw: { instrument: AAA, ts: third.ts, open: 10_000, high: 10_000, low: 10_000, volume: Number.NaN } },
    { symbol: "AAA", faults: ["MISSING_FIELD"], ts: third.ts, open: "100", high: "100", low: "100" },
  ],
  [
    "a bar at a time without a zone",
    { raw: { instrument: AAA, ts: "2024-01-02T00:03:00", ...numbers } },
    { symbol: "AAA", faults: ["NAIVE_TIME"], time: "2024-01-02T00:03:00", open: "100", high: "100", low: "100", close: "100", volume: "1" },
  ],
  [
    "a bar without a time",
    { raw: { instrument: AAA, ts: null, ...numbers } },
    { symbol: "AAA", faults: ["MISSING_FIELD"], open: "100", high: "100", low: "100", close: "100", volume: "1" },
  ],
  [
    "a slice that came already",
    { ts: second.ts, bars: second.bars.filter(({ instrument }) => instrument === AAA) },
    { symbol: "AAA", faults: ["DUPLICATE_BAR"], ts: second.ts, open: "100", high: "100", low: "100", close: "100", volume: "1" },
  ],
];

describe.each(FAULTY)("%s", (_, arrival, payload) => {
  const arrivals = [first, second, arrival, alone(third), fourth];

  test("is recorded, refuses orders of its symbol until a sound bar has closed, and the session goes on", () => {
    const ran = run(arrivals);
    expect(ofType(ran.events, "bar.refused")).toMatchObject([{ stream: "bars/AAA", occurred_at: second.ts, payload }]);
    expect(ofType(ran.events, "bar.refused")[0]?.payload).toEqual(payload);
    expect(verdicts(ran)).toEqual([
      ...["1 AAA ok", "1 BBB ok", "2 AAA ok", "2 BBB ok"],
      ...["3 AAA DATA_NOT_READY", "3 BBB ok"],
      ...["4 AAA ok", "4 BBB ok"],
    ]);
    const denied = ofType(ran.events, "risk.decided").find(({ payload: { decision } }) => decision === "denied");
    expect(denied?.payload.explanation?.[0]?.detail).toContain((payload as { faults: readonly string[] }).faults[0]);
    expect(ofType(ran.events, "bar.closed")).toHaveLength(7);
  });

  test("changes no decision without a policy, nor under one that asks for no readiness, nor where the stage observes", () => {
    const fine = ["1 AAA ok", "1 BBB ok", "2 AAA ok", "2 BBB ok", "3 AAA ok", "3 BBB ok", "4 AAA ok", "4 BBB ok"];
    expect(verdicts(run(arrivals, null))).toEqual(fine);
    expect(verdicts(run(arrivals, none))).toEqual(fine);
    const observed = run(arrivals, { ...ready, enforcement: { ...ready.enforcement, contracts: "observe" } });
    expect(verdicts(observed)).toEqual(fine);
    const told = ofType(observed.events, "risk.decided").flatMap(({ payload: { observed: seen } }) => seen ?? []);
    expect(told.map(({ code }) => code)).toEqual(["DATA_NOT_READY"]);
  });

  test("is met again by a session that goes on: what its tape recorded gives the same tape", () => {
    const { tape } = run(arrivals);
    const { data } = arriving(spec(ready)).arriving?.opening ?? { data: [] };
    const recorded = tape.events().map((event) => ({ ...event, log: "session/hand" }));
    const again = run(recordedArrivals(recorded as never, data));
    expect(again.tape.events()).toEqual(tape.events());
  });
});

describe("bars as they come", () => {
  test("one by one are the slices that they make, and one that has not closed is none", () => {
    const open = { raw: { instrument: AAA, ts: third.ts, ...numbers, is_closed: false } };
    const raw = { raw: { instrument: AAA, ts: new Date(third.ts).toISOString(), ...numbers } };
    const ran = run([first, second, open, raw, fourth]);
    expect(ofType(ran.events, "bar.refused")).toEqual([]);
    expect(ofType(ran.events, "bar.closed").filter(({ occurred_at }) => occurred_at === third.ts)).toMatchObject([
      { payload: { symbol: "AAA", close: "100" } },
    ]);
  });

  test("for a close time that was decided on already are late, though their symbol had none", () => {
    const late = { raw: { instrument: AAA, ts: third.ts, ...numbers } };
    const ran = run([first, second, alone(third), late, alone(fourth)]);
    expect(ofType(ran.events, "bar.refused")).toMatchObject([{ payload: { faults: ["OUT_OF_ORDER_BAR"], ts: third.ts } }]);
    expect(verdicts(ran).slice(-4)).toEqual(["3 AAA ok", "3 BBB ok", "4 AAA DATA_NOT_READY", "4 BBB ok"]);
  });

  test("let orders pass 89 s after the newest close and not 91 s after it", () => {
    const aged = (seconds: number): readonly string[] => {
      const ts = second.ts + seconds * 1000;
      return verdicts(run([first, second, { ts, bars: alone(third).bars.map((bar) => ({ ...bar, ts })) }])).slice(-2);
    };
    expect(aged(89).map((line) => line.split(" ").slice(1).join(" "))).toEqual(["AAA ok", "BBB ok"]);
    expect(aged(90).map((line) => line.split(" ").slice(1).join(" "))).toEqual(["AAA ok", "BBB ok"]);
    expect(aged(91).map((line) => line.split(" ").slice(1).join(" "))).toEqual(["AAA DATA_NOT_READY", "BBB ok"]);
  });
});
