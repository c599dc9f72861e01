/** A log may be read stream by stream: put back in the order of their positions, its streams give the portfolio that the log gives. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { MemoryEventStore } from "../../src/adapters/memory/memory-event-store.js";
import { sha256 } from "../../src/adapters/node-hash/sha256.js";
import { runCatalogue } from "../../src/core/engine/run-event-schemas.js";
import { foldEvents } from "../../src/core/projection/fold-events.js";
import { type PortfolioState, portfolioProjection } from "../../src/core/projection/portfolio-projection.js";
import { canonicalState, initialState, stateHash } from "../../src/core/projection/projected-state.js";
import type { TapeEvent } from "../../src/core/tape/event.js";
import { MemoryTapeWriter } from "../../src/core/tape/memory-tape-writer.js";
import { streamWithinLog } from "../../src/core/tape/names.js";
import { buildRegistry } from "../../src/core/tape/registry.js";
import type { LogSession } from "../../src/ports/event-store.js";
import { columnsOf, driveOver, type FixtureRun, flatMinutes } from "../support/engine-fixture.js";
import { openLog, readAll } from "../support/tape-fixture.js";

const LOG = "run/streams";
const price = fc.integer({ min: 90, max: 110 });
/** For each bar: what is done in which of two symbols. */
const story = fc.array(
  fc.record({ prices: fc.tuple(price, price), what: fc.constantFrom("long", "short", "exit", "limit", "nothing"), bbb: fc.boolean() }),
  {
    minLength: 3,
    maxLength: 40,
  },
);

function run(
  acts: readonly (typeof story extends fc.Arbitrary<infer T> ? (T extends readonly (infer A)[] ? A : never) : never)[],
): FixtureRun {
  const prices = (n: 0 | 1): readonly number[] => acts.map(({ prices: both }) => both[n]);
  return {
    instruments: [{ columns: columnsOf("AAA", flatMinutes(prices(0))) }, { columns: columnsOf("BBB", flatMinutes(prices(1))) }],
    execution: { fees: { model: "bps", bps: "10" }, sell_tax_bps: "5" },
    sizing: { mode: "fixed", qty: "3" },
    strategy: {
      state: () => ({ n: 0 }),
      onBar: (bar, ctx) => {
        const state = ctx.state as { n: number };
        const act = acts[Math.floor(state.n / 2)];
        state.n += 1;
        if (act === undefined || (bar.symbol === "BBB") !== act.bbb) return;
        if (act.what === "long") ctx.enterLong({ take_profit: bar.close * 1.03, stop_loss: bar.close * 0.97 });
        if (act.what === "short") ctx.enterShort();
        if (act.what === "exit") ctx.exitLong();
        if (act.what === "limit") ctx.enterLong({ type: "limit", limit: bar.close * 0.98, tif: "DAY" });
      },
    },
  };
}

async function record(of: FixtureRun): Promise<LogSession> {
  const tape = new MemoryTapeWriter(runCatalogue);
  driveOver(of, tape);
  const session = await openLog(new MemoryEventStore({ sha256, now: () => 0 }), { log: LOG, catalogue: runCatalogue });
  for (const block of tape.blocks) expect((await session.appendBlock(block)).kind).toBe("stored");
  return session;
}

function portfolioOf(events: readonly TapeEvent[]): { readonly state: PortfolioState; readonly hash: string } {
  const registry = buildRegistry(runCatalogue);
  const folded = foldEvents({ projection: portfolioProjection, registry, from: initialState(portfolioProjection), events, policy: "halt" });
  if (folded.kind === "late" || folded.halted !== null) throw new Error("the portfolio did not fold");
  return { state: folded.to.state, hash: stateHash("portfolio", canonicalState(folded.to.state), sha256) };
}

test("a portfolio replayed stream by stream is the one of the whole log", async () => {
  let [streams, filled] = [0, 0];
  await fc.assert(
    fc.asyncProperty(story, async (acts) => {
      const session = await record(run(acts));
      const whole = await readAll(session);
      const names = [...new Set(whole.map(({ stream }) => streamWithinLog(LOG, stream) ?? stream))].sort();
      const byStream: TapeEvent[][] = [];
      for (const name of names) {
        const events: TapeEvent[] = [];
        for await (const event of session.readStream(name)) events.push(event);
        expect(events.map(({ version }) => version)).toEqual(events.map((_, i) => i + 1));
        byStream.push(events);
      }
      const merged = byStream.flat().sort((a, b) => a.position - b.position);
      expect(portfolioOf(merged)).toEqual(portfolioOf(whole));
      streams += names.length;
      filled += whole.filter(({ type }) => type === "order.filled").length;
      // Without the positions, one stream after the other: what was paid and what is held do not depend on the order.
      const opening = merged.filter(({ type }) => type === "run.started");
      const apart = portfolioOf([...opening, ...byStream.flat().filter(({ type }) => type !== "run.started")]).state;
      const { state } = portfolioOf(whole);
      expect(apart.account?.cash).toBe(state.account?.cash);
      for (const [symbol, { qty, commission }] of Object.entries(state.positions))
        expect(apart.positions[symbol]).toMatchObject({ qty, commission });
    }),
    { numRuns: 60 },
  );
  expect(streams).toBeGreaterThan(300);
  expect(filled).toBeGreaterThan(150);
});
