import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { MemoryEventStore } from "../../src/adapters/memory/memory-event-store.js";
import { sha256 } from "../../src/adapters/node-hash/sha256.js";
import { checkCommand } from "../../src/core/session/command-firewall.js";
import type { MarketQuote } from "../../src/core/session/quote.js";
import { reportText } from "../../src/core/session/session-report.js";
import { actionsOf, type Entity, STATE_MACHINES, stepOf } from "../../src/core/session/state-machines.js";
import type { RiskSession } from "../../src/usecases/risk-session.js";
import { examplePositions } from "../support/risk-book.js";
import {
  askGrid,
  askRisk,
  begun,
  type Command,
  NOON,
  OPENED,
  portsOn,
  quoteCommand,
  quotesOf,
  ran,
  upsert,
} from "../support/risk-session.js";
import "../support/property-seed.js";

const MINUTE = 60_000;
const base = quotesOf();
const [first] = base;
if (first === undefined) throw new Error("no example");
const held = examplePositions.filter(({ id }) => id !== "put" && id !== "forward");

/** Minutes around noon, so that some events come before what was asked, some with it, some after. */
const time = fc.integer({ min: -3, max: 3 }).map((n) => NOON + n * MINUTE);
const moved: fc.Arbitrary<MarketQuote> = fc.constantFrom(...base).chain((quote) =>
  fc.integer({ min: 90, max: 110 }).map((percent): MarketQuote => {
    if (quote.kind === "spot") return { ...quote, price: ((Number(quote.price) * percent) / 100).toFixed(4) };
    if (quote.kind === "volatility") return { ...quote, volatility: ((Number(quote.volatility) * percent) / 100).toFixed(4) };
    if (quote.kind === "fx") return { ...quote, rate: ((Number(quote.rate) * percent) / 100).toFixed(4) };
    return quote;
  }),
);

type Step =
  | { readonly what: "quote"; readonly quote: MarketQuote; readonly ts: number }
  | { readonly what: "hold"; readonly index: number; readonly quantity: number; readonly ts: number }
  | { readonly what: "drop"; readonly index: number; readonly ts: number }
  | { readonly what: "risk" | "grid"; readonly ts: number };

const index = fc.nat({ max: held.length - 1 });
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 5, arbitrary: fc.record({ what: fc.constant("quote" as const), quote: moved, ts: time }) },
  { weight: 3, arbitrary: fc.record({ what: fc.constant("hold" as const), index, quantity: fc.integer({ min: 1, max: 500 }), ts: time }) },
  { weight: 1, arbitrary: fc.record({ what: fc.constant("drop" as const), index, ts: time }) },
  { weight: 2, arbitrary: fc.record({ what: fc.constantFrom("risk" as const, "grid" as const), ts: time }) },
);

function commandOf(one: Step, n: number): Command {
  switch (one.what) {
    case "quote":
      return quoteCommand(100 + n, one.quote, one.ts);
    case "hold":
      return upsert(
        `c${n}`,
        { ...(held[one.index] ?? held[0] ?? examplePositions[0]), quantity: String(one.quantity) } as (typeof held)[0],
        one.ts,
      );
    case "drop": {
      const data = { portfolio_id: "main", position_id: held[one.index]?.id ?? "" };
      return {
        kind: "INGEST_EVENT",
        schema_version: 1,
        command_id: `c${n}`,
        payload: { event_type: "PORTFOLIO_POSITION_REMOVED", ts: one.ts, data },
      };
    }
    case "risk":
      return askRisk(`c${n}`, one.ts);
    case "grid":
      return askGrid(`c${n}`, one.ts);
  }
}

const story = fc.array(step, { minLength: 4, maxLength: 24 }).chain((steps) => {
  const commands = steps.map(commandOf);
  return fc.record({
    commands: fc.constant(commands),
    other: fc.shuffledSubarray(commands, { minLength: commands.length }),
    batch: fc.integer({ min: 1, max: 5 }),
    again: fc.integer({ min: 0, max: commands.length }),
  });
});

async function deliver(commands: readonly Command[], batch: number): Promise<RiskSession> {
  const session = await begun(portsOn(new MemoryEventStore({ sha256, now: () => 0 })), { snapshot_every: 3 });
  await ran(session, ...base.map((quote, n) => quoteCommand(n + 1, quote, OPENED)));
  for (let at = 0; at < commands.length; at += batch) await ran(session, ...commands.slice(at, at + batch));
  return session;
}

async function texts(session: RiskSession): Promise<readonly string[]> {
  const reports = await Promise.all(session.requests.map(({ command_id }) => session.report(command_id)));
  return reports.flatMap((report) => (report === null ? [] : [reportText({ ...report, superseded: [] })])).sort();
}

let lateOnes = 0;

describe("risk sessions", () => {
  test("end in the same state and reports in any order, any batches and with any repetitions, and replay to themselves", async () => {
    await fc.assert(
      fc.asyncProperty(story, async ({ commands, other, batch, again }) => {
        const one = await deliver(commands, 1);
        const two = await deliver([...other, ...commands.slice(0, again)], batch);
        expect(two.stateHash()).toBe(one.stateHash());
        expect(await texts(two)).toEqual(await texts(one));
        for (const session of [one, two]) {
          lateOnes += session.requests.filter(({ superseded }) => superseded.length > 0).length;
          expect(session.requests.every(({ run_id }) => run_id !== null)).toBe(true);
          const replay = await session.replay();
          expect(replay.difference).toBeNull();
          await session.close();
        }
      }),
      { numRuns: 25 },
    );
    // The stories met what they are about.
    expect(lateOnes).toBeGreaterThan(10);
  }, 120_000);
});

describe("state machines", () => {
  test("no walk of any actions leaves the states of its table", () => {
    const entity = fc.constantFrom(...(Object.keys(STATE_MACHINES) as Entity[]));
    fc.assert(
      fc.property(entity, fc.array(fc.nat(), { maxLength: 30 }), (name, choices) => {
        const actions = actionsOf(name);
        let state = "absent";
        for (const choice of choices) state = stepOf(name, state, actions[choice % actions.length] ?? "") ?? state;
        expect(Object.keys(STATE_MACHINES[name])).toContain(state);
      }),
    );
  });
});

describe("the command firewall", () => {
  test("answers anything that a door may hand in, and never throws", () => {
    const view = {
      status: "open" as const,
      quotes: 1,
      version: 1,
      fx_pivot: "USD",
      client_sequence: -1,
      fingerprintOf: () => null,
      hasMarketSnapshot: () => true,
    };
    const near = fc.constantFrom(...base.map((quote) => ({ ...quote })), ...held.map((position) => ({ ...position })));
    const bent = fc.tuple(near, fc.string(), fc.jsonValue()).map(([value, name, other]) => ({ ...value, [name]: other }));
    const mangled = fc.tuple(near, fc.nat(), fc.jsonValue()).map(([value, at, other]) => {
      const names = Object.keys(value);
      return { ...value, [names[at % names.length] ?? ""]: other };
    });
    const part = fc.oneof(fc.jsonValue(), near, bent, mangled);
    const payload = fc.record(
      {
        ts: fc.oneof(fc.constant(NOON), fc.jsonValue()),
        source: fc.oneof(fc.constant("feed"), fc.string()),
        sequence: fc.oneof(fc.nat(), fc.jsonValue()),
        quote: part,
        event_type: fc.constantFrom("PORTFOLIO_CREATED", "PORTFOLIO_POSITION_UPSERTED", "SESSION_CLOSED", "x"),
        data: fc.oneof(fc.jsonValue(), fc.record({ portfolio_id: fc.constant("main"), position: part })),
        compute: fc.constantFrom("SNAPSHOT", "SIMULATED_EXECUTION", "x"),
        portfolio_id: fc.oneof(fc.constant("main"), fc.jsonValue()),
        parameters: fc.jsonValue(),
      },
      { requiredKeys: [] },
    );
    const kinds = fc.constantFrom(
      "INGEST_QUOTE",
      "INGEST_EVENT",
      "SNAPSHOT_REQUEST",
      "COMPUTE_REQUEST",
      "PORTFOLIO_RISK",
      "SCENARIO_GRID",
      "x",
    );
    const command = fc.record(
      {
        kind: kinds,
        schema_version: fc.constantFrom(1, 1, 1, 2, null),
        command_id: fc.string(),
        payload: fc.oneof(payload, fc.jsonValue()),
      },
      { requiredKeys: ["kind"] },
    );
    fc.assert(
      fc.property(fc.oneof(command, fc.anything()), (raw) => {
        const verdict = checkCommand(raw, view, [], sha256);
        if (verdict.kind !== "rejected") return;
        expect(verdict.error.error_count).toBeGreaterThan(0);
        expect(verdict.error.message).not.toBe("");
      }),
      { numRuns: 2_000 },
    );
    // What is nearly right is often enough quite right.
    const exact = fc.property(near, (value) => {
      if (!("quantity" in value)) return;
      const raw = upsert("c", value as (typeof held)[0]);
      expect(checkCommand(raw, view, [], sha256).kind).toBe("admitted");
    });
    fc.assert(exact, { numRuns: 50 });
  });
});
