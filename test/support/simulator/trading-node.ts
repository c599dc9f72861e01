import { MemoryEventStore } from "../../../src/adapters/memory/memory-event-store.js";
import { sha256 } from "../../../src/adapters/node-hash/sha256.js";
import type { Arrival } from "../../../src/core/engine/arrival-feed.js";
import { Engine } from "../../../src/core/engine/engine.js";
import type { EngineSpec } from "../../../src/core/engine/engine-spec.js";
import { lastSliceTs, recordedArrivals } from "../../../src/core/engine/recorded-arrivals.js";
import { runCatalogue } from "../../../src/core/engine/run-event-schemas.js";
import type { EventBlock } from "../../../src/core/tape/block.js";
import { MemoryTapeWriter } from "../../../src/core/tape/memory-tape-writer.js";
import type { EventStore, LogSession } from "../../../src/ports/event-store.js";
import { driveBacktest } from "../../../src/usecases/drive-backtest.js";
import { ResumeTape } from "../../../src/usecases/resume-tape.js";
import { arrivalsOf, arriving, slicesOf } from "../arriving-fixture.js";
import { columnsOf, flatMinutes, specOf } from "../engine-fixture.js";
import { InvariantBroken } from "../oracle.js";
import { openLog, readAll } from "../tape-fixture.js";

const LOG = "session/hand";

function spec(): EngineSpec {
  const prices = Array.from({ length: 14 }, (_, n) => 100 + ((n * 7) % 11));
  return specOf({
    instruments: [{ columns: columnsOf("AAA", flatMinutes(prices)) }],
    strategy: {
      state: () => ({ n: 0 }),
      onBar: (bar, ctx) => {
        const state = ctx.state as { n: number };
        state.n += 1;
        if (state.n % 4 === 1) ctx.enterLong({ take_profit: bar.close * 1.02, stop_loss: bar.close * 0.98 });
        if (state.n % 4 === 3) ctx.exitLong();
      },
    },
  });
}

function blocksOf(given: readonly Arrival[]): readonly EventBlock[] {
  const tape = new MemoryTapeWriter(runCatalogue);
  driveBacktest(new Engine(arriving(spec(), arrivalsOf(given))), tape);
  return tape.blocks;
}

const slices = slicesOf(spec().instruments.map(({ columns }) => columns));
const data = arriving(spec()).arriving?.opening.data ?? [];

/** Hashes of the events of a session that nobody disturbed. */
async function undisturbed(): Promise<readonly string[]> {
  const session = await openLog(new MemoryEventStore({ sha256, now: () => 0 }), { log: LOG, catalogue: runCatalogue });
  for (const block of blocksOf(slices)) await session.appendBlock(block);
  return (await readAll(session)).map(({ event_hash }) => event_hash);
}
let expected: Promise<readonly string[]> | null = null;

/** A strategy that trades as a session, dies at any time and goes on by running again. */
export class TradingNode {
  readonly #store: EventStore;
  #running: { readonly session: LogSession; readonly resume: ResumeTape; readonly blocks: readonly EventBlock[]; next: number } | null =
    null;
  #exists = false;
  finished = false;

  constructor(store: EventStore) {
    this.#store = store;
  }

  /** One batch of events; a start where nothing runs. */
  async step(): Promise<void> {
    if (this.#running === null) return this.#start();
    const { resume, blocks } = this.#running;
    const block = blocks[this.#running.next];
    if (block === undefined) {
      this.finished = true;
      return;
    }
    const taken = await resume.take(block);
    if (taken.kind === "parted") throw new InvariantBroken("I6", `the session parted from its tape at position ${taken.parting.position}`);
    if (taken.kind === "stored" || taken.kind === "known") this.#running.next += 1;
    else this.die();
  }

  async #start(): Promise<void> {
    const opened = await this.#store.open({ log: LOG, catalogue: runCatalogue, mode: "write", layout: "rows" });
    if (opened.kind !== "opened") return;
    this.#exists = true;
    const past = recordedArrivals(await readAll(opened.session), data);
    const coming = slices.filter(({ ts }) => ts > (lastSliceTs(past) ?? Number.NEGATIVE_INFINITY));
    this.#running = {
      session: opened.session,
      resume: new ResumeTape(opened.session, sha256),
      blocks: blocksOf([...past, ...coming]),
      next: 0,
    };
  }

  die(): void {
    this.#running = null;
    this.finished = false;
  }

  /** What stands is the beginning of what an undisturbed session leaves; at its end, all of it. @throws {InvariantBroken} */
  async check(): Promise<void> {
    if (!this.#exists) return;
    expected ??= undisturbed();
    const whole = await expected;
    const opened = await this.#store.open({ log: LOG, catalogue: runCatalogue, mode: "read" });
    if (opened.kind !== "opened") return;
    const here = (await readAll(opened.session)).map(({ event_hash }) => event_hash);
    if (here.some((hash, i) => hash !== whole[i])) throw new InvariantBroken("I6", "the session decided otherwise than an undisturbed one");
    if (this.finished && here.length !== whole.length) throw new InvariantBroken("I1", "the session ended before its end");
  }
}
