import { spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { cp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { MemoryEventStore } from "../../src/adapters/memory/memory-event-store.js";
import { sha256 } from "../../src/adapters/node-hash/sha256.js";
import { sessionTapes } from "../../src/apps/library/paper-sessions.js";
import { openWorkspacePorts } from "../../src/apps/library/workspace.js";
import type { Arrival } from "../../src/core/engine/arrival-feed.js";
import { Engine } from "../../src/core/engine/engine.js";
import type { EngineSpec } from "../../src/core/engine/engine-spec.js";
import { lastSliceTs, recordedArrivals } from "../../src/core/engine/recorded-arrivals.js";
import { runCatalogue } from "../../src/core/engine/run-event-schemas.js";
import { runLog } from "../../src/core/engine/run-id.js";
import { calendarById } from "../../src/core/market/calendars/registry.js";
import { GENERATE_DEFAULTS, generateBars } from "../../src/core/market/generate-bars.js";
import type { EventBlock } from "../../src/core/tape/block.js";
import { blockFrom } from "../../src/core/tape/block-part.js";
import type { TapeEvent } from "../../src/core/tape/event.js";
import { MemoryTapeWriter } from "../../src/core/tape/memory-tape-writer.js";
import type { EventStore, LogSession } from "../../src/ports/event-store.js";
import { driveBacktest } from "../../src/usecases/drive-backtest.js";
import type { PaperOutcome } from "../../src/usecases/paper-session.js";
import { ResumeTape } from "../../src/usecases/resume-tape.js";
import { runBacktest } from "../../src/usecases/run-backtest.js";
import { json, onetape } from "../e2e/cli-process.js";
import { arrivalsOf, arriving, slicesOf } from "../support/arriving-fixture.js";
import { bundleChild } from "../support/bundle-child.js";
import { specOf } from "../support/engine-fixture.js";
import { killedAt } from "./kill-cli.js";

/** All indices and kills with ONETAPE_CHAOS=all, a spread of them otherwise. */
const whole = process.env["ONETAPE_CHAOS"] === "all";

const XNYS = calendarById("XNYS");
const DAYS = { ...GENERATE_DEFAULTS, seed: 5, from: Date.UTC(2024, 0, 2), to: Date.UTC(2024, 0, 5), yearly_volatility: 0.5 };

/** Two symbols and orders of several kinds over two sessions: about 2,000 events. */
function spec(): EngineSpec {
  return specOf({
    instruments: ["AAA", "BBB"].map((symbol, n) => ({
      columns: generateBars({ ...DAYS, symbol, seed: DAYS.seed + n, calendar: XNYS, to: Date.UTC(2024, 0, 3, 18) }),
      instrument: { calendar: "XNYS" },
    })),
    strategy: {
      state: () => ({ n: 0 }),
      onBar: (bar, ctx) => {
        const state = ctx.state as { n: number };
        state.n += 1;
        if (state.n % 23 === 0) ctx.enterLong({ take_profit: bar.close * 1.003, stop_loss: bar.close * 0.998 });
        if (state.n % 41 === 0) ctx.enterShort({ type: "limit", limit: bar.close * 1.0005, tif: "DAY" });
        if (state.n % 67 === 0) ctx.exitLong();
      },
    },
  });
}

const slices = slicesOf(spec().instruments.map(({ columns }) => columns));

/** The blocks of a session that is given these slices, one for each batch. */
function blocksOf(given: readonly Arrival[]): readonly EventBlock[] {
  const tape = new MemoryTapeWriter(runCatalogue);
  driveBacktest(new Engine(arriving(spec(), arrivalsOf(given))), tape);
  return tape.blocks;
}

async function newTape(): Promise<LogSession> {
  const store = new MemoryEventStore({ sha256, now: () => 0 });
  const opened = await store.open({ log: "session/hand", catalogue: runCatalogue, mode: "write", layout: "rows" });
  if (opened.kind !== "opened") throw new Error(opened.kind);
  return opened.session;
}

/** The first events of a block. */
function blockUpTo(block: EventBlock, count: number): EventBlock {
  const end = block.payload_ends[count - 1] as number;
  return {
    ...block,
    count,
    payloads: block.payloads.slice(0, end),
    payload_ends: block.payload_ends.subarray(0, count),
    types: block.types.subarray(0, count),
    streams: block.streams.slice(0, count),
    versions: block.versions.subarray(0, count),
    occurred_at: block.occurred_at.subarray(0, count),
    command_of: block.command_of.subarray(0, count),
    index_in_command: block.index_in_command.subarray(0, count),
    causes: block.causes.subarray(0, count),
  };
}

/** A tape that ends after `events` events, wherever that is. */
async function tapeUpTo(blocks: readonly EventBlock[], events: number): Promise<LogSession> {
  const tape = await newTape();
  for (const block of blocks) {
    const left = events - block.first_position + 1;
    if (left <= 0) break;
    await tape.appendBlock(left >= block.count ? block : blockUpTo(block, left));
  }
  return tape;
}

async function resumed(tape: LogSession, data: Parameters<typeof recordedArrivals>[1]): Promise<void> {
  const recorded: TapeEvent[] = [];
  for await (const event of tape.readLog()) recorded.push(event);
  const past = recordedArrivals(recorded, data);
  const coming = slices.filter(({ ts }) => ts > (lastSliceTs(past) ?? Number.NEGATIVE_INFINITY));
  const resume = new ResumeTape(tape, sha256);
  for (const block of blocksOf([...past, ...coming])) {
    const taken = await resume.take(block);
    if (taken.kind !== "known" && taken.kind !== "stored") throw new Error(`${taken.kind} at position ${block.first_position}`);
  }
}

describe("a session that is killed after any event and goes on", () => {
  test("ends with the head of one that was never disturbed", async () => {
    const data = arriving(spec()).arriving?.opening.data ?? [];
    const blocks = blocksOf(slices);
    const undisturbed = await tapeUpTo(blocks, Number.POSITIVE_INFINITY);
    const { position, hash } = undisturbed.head();
    expect(position).toBeGreaterThanOrEqual(2_000);
    for (let events = 0; events <= position; events += whole ? 1 : 61) {
      const tape = await tapeUpTo(blocks, events);
      await resumed(tape, data);
      expect(tape.head(), `killed after event ${events}`).toMatchObject({ position, hash });
    }
  });

  test("is refused where the tape says otherwise, with the position", async () => {
    const blocks = blocksOf(slices);
    const tape = await tapeUpTo(blocks, 900);
    const other = blocksOf(
      slices.map((slice, n) => (n === 100 ? { ...slice, bars: slice.bars.map((b) => ({ ...b, close: b.close + 1 })) } : slice)),
    );
    const resume = new ResumeTape(tape, sha256);
    let parted = 0;
    for (const block of other) {
      const taken = await resume.take(block);
      if (taken.kind === "parted") parted = taken.parting.position;
      if (taken.kind !== "known") break;
    }
    expect(parted).toBe(
      blocks.flatMap((b) => Array.from({ length: b.count }, (_, i) => b.first_position + i)).find((at) => differsAt(blocks, other, at)),
    );
    expect(blockFrom(blocks[0] as EventBlock, 0)).toBe(blocks[0]);
  });
});

function differsAt(one: readonly EventBlock[], other: readonly EventBlock[], position: number): boolean {
  return payloadAt(one, position) !== payloadAt(other, position);
}

function payloadAt(blocks: readonly EventBlock[], position: number): string | undefined {
  const block = blocks.find((b) => position >= b.first_position && position < b.first_position + b.count);
  if (block === undefined) return undefined;
  const i = position - block.first_position;
  return block.payloads.slice(i === 0 ? 0 : block.payload_ends[i - 1], block.payload_ends[i]);
}

describe("a paper session that is killed with SIGKILL at seeded events", () => {
  const folder = mkdtempSync(join(tmpdir(), "onetape-killed-"));
  const cwd = join(folder, "ema-cross");
  const config = join(cwd, "backtest.yaml");
  let program: string;
  beforeAll(async () => {
    program = await bundleChild("test/chaos/paper-session.child.ts");
    for (const name of ["ema-cross", "data"]) cpSync(join("examples", name), join(folder, name), { recursive: true });
    // Short averages cross often: more than 2,000 events.
    writeFileSync(config, readFileSync(config, "utf8").replace("fast: 12", "fast: 6").replace("slow: 48", "slow: 24"));
  });
  afterAll(() => {
    rmSync(folder, { recursive: true, force: true });
    rmSync(program, { force: true });
  });

  /** A session in a workspace of its own, killed where the commit that holds an event is made. @returns null where it was killed. */
  async function session(home: string, event = 0, moment: "before" | "after" | "never" = "never"): Promise<PaperOutcome | null> {
    const child = spawn(process.execPath, [program, join(cwd, home), config, "hand", String(event), moment], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    let out = "";
    child.stdout.on("data", (text: Buffer) => {
      out += text.toString();
    });
    const [, signal] = await once(child, "close");
    return signal === "SIGKILL" ? null : (JSON.parse(out) as PaperOutcome);
  }

  /** Types and times of each order's events, by order. */
  function storiesOf(events: readonly TapeEvent[]): Readonly<Record<string, readonly (readonly [type: string, at: number])[]>> {
    const stories: Record<string, readonly (readonly [string, number])[]> = {};
    for (const { type, occurred_at, payload } of events) {
      if (!/^(order\.|risk\.decided$)/.test(type)) continue;
      const { order_id } = JSON.parse(payload) as { readonly order_id: string };
      stories[order_id] = [...(stories[order_id] ?? []), [type, occurred_at]];
    }
    return stories;
  }

  async function eventsOn(store: EventStore, log: string): Promise<readonly TapeEvent[]> {
    const opened = await store.open({ log, catalogue: runCatalogue, mode: "read" });
    if (opened.kind !== "opened") throw new Error(opened.kind);
    const events: TapeEvent[] = [];
    for await (const event of opened.session.readLog()) events.push(event);
    await store.close();
    return events;
  }

  const tapeOf = (home: string): Promise<readonly TapeEvent[]> =>
    eventsOn(sessionTapes({ home: join(cwd, home), store: "sqlite" }), "session/hand");

  test("goes on each time, ends with the head of one that nobody disturbed, and its orders went the way of the backtest's", async () => {
    const calm = await session("calm");
    if (calm?.kind !== "completed") throw new Error(JSON.stringify(calm));
    const { position } = calm.standing.head;
    expect(position).toBeGreaterThanOrEqual(2_000);
    const [kills, widest] = whole ? [100, 50] : [6, 700];
    let seed = 17;
    let killed = 0;
    for (let life = 1; killed < kills; life++) {
      const home = `killed-${life}`;
      let next = 1;
      do {
        seed = (seed * 48_271) % 2_147_483_647;
        const event = next + (seed % widest);
        // The last commit ends the session.
        if (event > position - 20) break;
        expect(await session(home, event, seed % 2 === 0 ? "after" : "before"), `killed at event ${event}`).toBeNull();
        next = (await tapeOf(home)).length + 1;
        killed += 1;
      } while (killed < kills);
      expect(await session(home)).toMatchObject({ kind: "completed", standing: { head: calm.standing.head } });
    }

    const workspace = openWorkspacePorts({ home: join(cwd, "killed-1"), store: "sqlite" });
    try {
      const outcome = await runBacktest(workspace.backtests, { configPath: config });
      if (outcome.kind !== "ok" || outcome.result.dir === null) throw new Error(JSON.stringify(outcome));
      const backtest = storiesOf(await eventsOn(workspace.backtests.tapes(outcome.result.dir), runLog(outcome.result.run_id)));
      const paper = storiesOf(await tapeOf("killed-1"));
      expect(Object.keys(backtest).length).toBe(outcome.result.orders);
      expect(paper).toEqual(backtest);
    } finally {
      await workspace.close();
    }
  });
});

describe("onetape paper that is killed with SIGKILL at random moments", () => {
  const folder = mkdtempSync(join(tmpdir(), "onetape-paper-"));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const command = ["paper", "backtest.yaml", "--replay", "latest", "--json"];

  test("stands, after each kill, where its last commit left it, on paper, and goes on from there", async () => {
    await cp("examples", join(folder, "standing"), { recursive: true });
    const cwd = join(folder, "standing/ema-cross");
    const shown = () => json(onetape(["runs", "show", "ema-cross", "--json"], { cwd }));
    let seen = 0;
    // As long as the machine needs to get under way, and slowly enough to be met in the middle.
    for (let wait = 1_500; wait < 30_000 && seen < (whole ? 8 : 1); wait *= seen === 0 ? 1.7 : 1) {
      await killedAt([...command, "--speed", "20000"], cwd, wait);
      const there = onetape(["runs", "show", "ema-cross", "--json"], { cwd });
      if (there.code !== 0) continue;
      const standing = json(there);
      expect(standing).toMatchObject({ mode: "paper", status: "open" });
      // Nobody changes what stands by looking, and a second look sees the same.
      expect(shown()).toEqual(standing);
      seen += 1;
    }
    expect(seen).toBeGreaterThan(0);
    const before = shown();
    const last = json(onetape(command, { cwd }));
    expect(last).toMatchObject({ status: "completed", resumed_from: before["position"] });
    expect(shown()).toMatchObject({ mode: "paper", status: "completed" });
  });
});
