/** A process that runs one backtest after the other must not grow. */
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { describe, expect, it } from "vitest";
import { runCatalogue } from "../../src/core/engine/run-event-schemas.js";
import { BlockTapeWriter } from "../../src/core/tape/block-tape-writer.js";
import { runBacktest } from "../../src/usecases/run-backtest.js";
import { backtestWorkspace } from "../support/backtest-workspace.js";
import { columnsOf, driveOver, flatMinutes } from "../support/engine-fixture.js";

setFlagsFromString("--expose-gc");
const collect: unknown = runInNewContext("gc");

/** Bytes in use after everything unreachable is gone. */
function settled(): { readonly heap: number; readonly buffers: number; readonly rss: number } {
  if (typeof collect !== "function") throw new Error("this Node does not let a test collect garbage");
  for (let round = 0; round < 4; round++) collect();
  const { heapUsed, arrayBuffers, rss } = process.memoryUsage();
  return { heap: heapUsed, buffers: arrayBuffers, rss };
}

const MEGABYTE = 1_048_576;

describe("a hundred runs in one process", () => {
  it("leave the heap of the engine where it was after the tenth", () => {
    const prices = Array.from({ length: 2_000 }, (_, i) => 100 + (i % 7));
    const instruments = [{ columns: columnsOf("DEMO", flatMinutes(prices)) }];
    const once = (): void => {
      let events = 0;
      const tape = new BlockTapeWriter({
        catalogue: runCatalogue,
        mode: "block",
        emit: (block) => {
          events += block.count;
        },
        awaitCommit: () => {},
      });
      const engine = driveOver(
        {
          instruments,
          strategy: {
            state: () => ({ seen: [] as number[] }),
            onBar(bar, ctx) {
              if (ctx.position().qty === 0) ctx.enterLong();
              else ctx.exitLong();
              (ctx.state as { seen: number[] }).seen = [bar.close];
            },
          },
        },
        tape,
      );
      expect(engine.state.counts.fills).toBeGreaterThan(1_000);
      expect(events).toBeGreaterThan(6_000);
    };
    for (let run = 0; run < 10; run++) once();
    const before = settled();
    for (let run = 0; run < 90; run++) once();
    const after = settled();
    // One run holds some ten megabytes while it lasts: ninety of them must not leave one behind.
    expect(after.heap - before.heap).toBeLessThan(2 * MEGABYTE);
    expect(after.buffers - before.buffers).toBeLessThan(MEGABYTE);
  }, 120_000);

  it("of a whole backtest, with worker, store and artifacts, do not add up", async () => {
    const workspace = await backtestWorkspace({ days: 1 });
    try {
      const configPath = await workspace.writeConfig("max_bars: 600\n");
      // Stored under one id: the first run is new, every other is compared with it and removed.
      const once = async (): Promise<void> => {
        const outcome = await runBacktest(workspace.ports, { configPath });
        expect(outcome.kind).toBe("ok");
      };
      for (let run = 0; run < 20; run++) await once();
      const before = settled();
      for (let run = 0; run < 80; run++) await once();
      const after = settled();
      expect(after.heap - before.heap).toBeLessThan(8 * MEGABYTE);
      expect(after.buffers - before.buffers).toBeLessThan(4 * MEGABYTE);
      // The worker's heap shows in the process alone, which also holds what the allocator has not given back.
      expect(after.rss - before.rss).toBeLessThan(96 * MEGABYTE);
    } finally {
      await workspace.close();
    }
  }, 300_000);
});
