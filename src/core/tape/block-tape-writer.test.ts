import { describe, expect, test } from "vitest";
import { ledgerBlocks, ledgerCatalogue, MONDAY } from "../../../test/support/tape-fixture.js";
import { sha256 } from "../../adapters/node-hash/sha256.js";
import type { TapeWriter } from "../../ports/tape-writer.js";
import type { EventBlock } from "./block.js";
import { CAUSE_NONE, causeOfPin } from "./block.js";
import { ProposalRefused } from "./block-encoder.js";
import { BlockRefused, BlockSealer } from "./block-sealer.js";
import type { AppendMode } from "./block-tape-writer.js";
import { BlockTapeWriter } from "./block-tape-writer.js";
import { MAX_EVENT_TIME, MIN_EVENT_TIME } from "./event-id.js";
import { GENESIS_HASH } from "./hash.js";
import { MemoryTapeWriter } from "./memory-tape-writer.js";
import { NAME_EXPECTATION } from "./names.js";
import { NullTapeWriter } from "./null-tape-writer.js";
import { PayloadRefused } from "./payload-encoder.js";
import type { ProposedEvent } from "./proposed-event.js";
import { TapeStopped } from "./tape-stopped.js";

const event = (changes: Partial<ProposedEvent> = {}): ProposedEvent => ({
  type: 1,
  stream: "account/1",
  version: 1,
  occurred_at: MONDAY,
  payload: { amount: "1" },
  cause: CAUSE_NONE,
  ...changes,
});

interface Trace {
  readonly writer: BlockTapeWriter;
  readonly blocks: EventBlock[];
  readonly steps: string[];
}

function trace(
  mode: AppendMode,
  limits: { readonly block_events?: number; readonly block_characters?: number; readonly blocks_in_flight?: number } = {},
): Trace {
  const blocks: EventBlock[] = [];
  const steps: string[] = [];
  const writer = new BlockTapeWriter({
    catalogue: ledgerCatalogue,
    mode,
    emit: (block) => {
      blocks.push(block);
      steps.push(`emit ${block.first_position}..${block.first_position + block.count - 1}`);
    },
    awaitCommit: (position) => steps.push(`await ${position}`),
    ...limits,
  });
  return { writer, blocks, steps };
}

const sealer = (): BlockSealer =>
  new BlockSealer("run/one", ledgerCatalogue, sha256, {
    head: { position: 0, hash: GENESIS_HASH, content_hash: GENESIS_HASH },
    pins: [],
    recent: [],
  });

describe("a tape writer", () => {
  test("in strict mode commits every batch before accept returns", () => {
    const { writer, steps } = trace("strict");
    writer.begin({ command: "one" });
    writer.accept([event(), event({ version: 2, cause: 0 })]);
    writer.accept([event({ version: 3 })]);
    expect(steps).toEqual(["emit 1..2", "await 2", "emit 3..3", "await 3"]);
  });

  test("in block mode emits when a block is full and never splits a batch", () => {
    const { writer, steps } = trace("block", { block_events: 2 });
    writer.begin({ command: "one" });
    writer.accept([event()]);
    writer.accept([event({ version: 2 }), event({ version: 3 }), event({ version: 4 })]);
    writer.accept([event({ version: 5 })]);
    expect(steps).toEqual(["emit 1..4"]);
    expect(writer.position).toBe(5);
    writer.flush();
    expect(steps).toEqual(["emit 1..4", "emit 5..5", "await 5"]);
    writer.flush();
    expect(steps).toHaveLength(3);
  });

  test("in block mode a block also ends with its text", () => {
    const { writer, steps } = trace("block", { block_characters: 20 });
    writer.begin({ command: "one" });
    writer.accept([event()]);
    writer.accept([event({ version: 2 })]);
    expect(steps).toEqual(["emit 1..2"]);
    const exact = trace("block", { block_characters: '{"amount":"1"}'.length });
    exact.writer.begin({ command: "one" });
    exact.writer.accept([event()]);
    expect(exact.steps).toEqual(["emit 1..1"]);
  });

  test("waits for the oldest block once too many are in flight", () => {
    const { writer, steps } = trace("block", { block_events: 1, blocks_in_flight: 2 });
    writer.begin({ command: "one" });
    for (let version = 1; version <= 4; version++) writer.accept([event({ version })]);
    expect(steps).toEqual(["emit 1..1", "emit 2..2", "await 1", "emit 3..3", "await 2", "emit 4..4"]);
  });

  test("lets a stopped tape through to the engine", () => {
    const writer = new BlockTapeWriter({
      catalogue: ledgerCatalogue,
      mode: "strict",
      emit: () => {},
      awaitCommit: () => {
        throw new TapeStopped("the disk is full", 0);
      },
    });
    writer.begin({ command: "one" });
    expect(() => writer.accept([event()])).toThrow(TapeStopped);
  });

  test.each([
    ["before any command", (writer: TapeWriter) => writer.accept([event()]), ProposalRefused],
    ["with an unknown type", (writer: TapeWriter) => begun(writer).accept([event({ type: 9 })]), ProposalRefused],
    ["with a stream name that is none", (writer: TapeWriter) => begun(writer).accept([event({ stream: "a b" })]), ProposalRefused],
    ["with version 0", (writer: TapeWriter) => begun(writer).accept([event({ version: 0 })]), ProposalRefused],
    ["at half a millisecond", (writer: TapeWriter) => begun(writer).accept([event({ occurred_at: 0.5 })]), ProposalRefused],
    ["with a cause that comes later", (writer: TapeWriter) => begun(writer).accept([event({ cause: 0 })]), ProposalRefused],
    ["with a pin that does not exist", (writer: TapeWriter) => begun(writer).accept([event({ cause: causeOfPin(0) })]), ProposalRefused],
    ["with a payload of another shape", (writer: TapeWriter) => begun(writer).accept([event({ payload: { to: "x" } })]), PayloadRefused],
    ["under a command id with a line end", (writer: TapeWriter) => writer.begin({ command: "a\nb" }), ProposalRefused],
  ])("refuses an event %s", (_, propose, refusal) => {
    expect(() => propose(trace("block").writer)).toThrow(refusal);
  });

  test.each<[string, Partial<ProposedEvent>, string]>([
    ["an unknown type", { type: 9 }, "there is no event type with index 9"],
    ["a stream name that is none", { stream: "a b" }, `the stream name "a b" is not ${NAME_EXPECTATION}`],
    ["version 0", { version: 0 }, "the version 0 of stream account/1 is not a positive 32-bit integer"],
    ["version 2^32", { version: 2 ** 32 }, "the version 4294967296 of stream account/1 is not a positive 32-bit integer"],
    ["version 1.5", { version: 1.5 }, "the version 1.5 of stream account/1 is not a positive 32-bit integer"],
    [
      "a time before the id's range",
      { occurred_at: MIN_EVENT_TIME - 1 },
      "the time -140737488355329 of money.deposited is not a whole number of milliseconds in the id's range",
    ],
    [
      "a time after the id's range",
      { occurred_at: MAX_EVENT_TIME + 1 },
      "the time 140737488355328 of money.deposited is not a whole number of milliseconds in the id's range",
    ],
    ["a time that is none", { occurred_at: Number.NaN }, "the time NaN of money.deposited is not a whole number of milliseconds"],
    ["itself as its cause", { cause: 0 }, "the cause 0 of money.deposited names neither an earlier event of its command nor a pinned one"],
    ["half a cause", { cause: -2.5 }, "the cause -2.5 of money.deposited names neither an earlier event"],
  ])("refuses an event with %s, says so, and goes on as if it had not come", (_, changes, message) => {
    const memory = new MemoryTapeWriter(ledgerCatalogue);
    memory.begin({ command: "one" });
    expect(() => memory.accept([event(changes)])).toThrow(
      expect.objectContaining({ name: "ProposalRefused", message: expect.stringContaining(message) }),
    );
    memory.accept([event()]);
    expect(memory.events()).toMatchObject([{ position: 1, index_in_command: 0 }]);
  });

  test("refuses a command id that is none, and events before any command, in words", () => {
    expect(() => trace("block").writer.begin({ command: "a\nb" })).toThrow(
      'the command id "a\\nb" is not 1 to 200 printable ASCII characters',
    );
    expect(() => trace("block").writer.accept([event()])).toThrow("an event was proposed before any command began");
  });

  test("takes the first and last time of the id's range and the last version", () => {
    const memory = new MemoryTapeWriter(ledgerCatalogue);
    memory.begin({ command: "one" });
    memory.accept([event({ occurred_at: MIN_EVENT_TIME }), event({ version: 0xffff_ffff, occurred_at: MAX_EVENT_TIME })]);
    expect(memory.events()).toMatchObject([{ occurred_at: MIN_EVENT_TIME }, { version: 0xffff_ffff, occurred_at: MAX_EVENT_TIME }]);
  });

  test("lets pinned events be causes, and no others", () => {
    const memory = new MemoryTapeWriter(ledgerCatalogue);
    memory.begin({ command: "one" });
    memory.accept([event({ cause: CAUSE_NONE }), { ...event({ type: 0, stream: "rates" }), payload: { source: "a" } }]);
    memory.begin({ command: "two" });
    memory.accept([event({ version: 2, cause: causeOfPin(0) })]);
    expect(() => memory.accept([event({ version: 3, cause: causeOfPin(1) })])).toThrow(ProposalRefused);
    expect(memory.events().map(({ cause }) => cause)).toEqual([CAUSE_NONE, CAUSE_NONE, causeOfPin(0)]);
    const resumed = new BlockTapeWriter({
      catalogue: ledgerCatalogue,
      mode: "block",
      emit: () => {},
      awaitCommit: () => {},
      position: 9,
      pinned: 2,
    });
    resumed.begin({ command: "three" });
    expect(() => resumed.accept([event({ cause: causeOfPin(1) })])).not.toThrow();
    expect(() => resumed.accept([event({ cause: causeOfPin(2) })])).toThrow(ProposalRefused);
    expect(resumed.position).toBe(10);
  });

  test("keeps everything of thousands of events in one block, and names a command once per block", () => {
    const { writer, blocks } = trace("block", { block_events: 10_000 });
    for (let n = 0; n < 2_500; n++) {
      writer.begin({ command: `command/${n}` });
      const at = { occurred_at: MONDAY + n, payload: { amount: String(n) } };
      writer.accept([event({ ...at, version: 2 * n + 1 }), event({ ...at, version: 2 * n + 2, cause: 0 })]);
    }
    writer.accept([event({ version: 5_001, cause: 1 })]);
    writer.flush();
    const [block] = blocks;
    if (block === undefined) throw new Error("a block is needed");
    expect([blocks.length, block.count, block.commands.length]).toEqual([1, 5_001, 2_500]);
    expect(block.commands.at(-1)).toBe("command/2499");
    expect([...block.versions]).toEqual(Array.from({ length: 5_001 }, (_, i) => i + 1));
    expect([...block.command_of]).toEqual(Array.from({ length: 5_001 }, (_, i) => Math.min(2_499, Math.floor(i / 2))));
    expect([...block.index_in_command]).toEqual(Array.from({ length: 5_001 }, (_, i) => (i === 5_000 ? 2 : i % 2)));
    expect([...block.causes]).toEqual(Array.from({ length: 5_001 }, (_, i) => (i === 5_000 ? 1 : i % 2 === 0 ? CAUSE_NONE : 0)));
    expect([...block.types]).toEqual(Array.from({ length: 5_001 }, () => 1));
    expect(block.occurred_at[4_999]).toBe(MONDAY + 2_499);
    expect(block.payloads.slice(block.payload_ends[4_998], block.payload_ends[4_999])).toBe('{"amount":"2499"}');
  });

  test("names a command again in the next block, and starts each block with no more than it holds", () => {
    const { writer, blocks } = trace("strict");
    writer.begin({ command: "one" });
    writer.accept([event()]);
    writer.accept([event({ version: 2, cause: 0 })]);
    writer.begin({ command: "two" });
    writer.accept([event({ version: 3 })]);
    expect(blocks.map(({ commands, streams, payloads }) => [commands, streams, payloads])).toEqual([
      [["one"], ["account/1"], '{"amount":"1"}'],
      [["one"], ["account/1"], '{"amount":"1"}'],
      [["two"], ["account/1"], '{"amount":"1"}'],
    ]);
  });

  test("switched off, counts and keeps nothing", () => {
    const writer: TapeWriter = new NullTapeWriter();
    writer.begin({ command: "one" });
    writer.accept([event(), event({ version: 2 })]);
    writer.flush();
    expect(writer.position).toBe(2);
  });

  test("in memory, shows what it accepted", () => {
    const memory = new MemoryTapeWriter(ledgerCatalogue);
    const writer: TapeWriter = memory;
    writer.begin({ command: "one" });
    writer.accept([event(), event({ version: 2, cause: 0, payload: { note: "n", amount: "2" } })]);
    expect(memory.position).toBe(2);
    expect(memory.blocks.map(({ count }) => count)).toEqual([2]);
    memory.flush();
    expect(memory.blocks).toHaveLength(1);
    expect(memory.events()).toMatchObject([
      {
        position: 1,
        occurred_at: MONDAY,
        command: "one",
        index_in_command: 0,
        type: "money.deposited",
        stream: "account/1",
        version: 1,
        cause: CAUSE_NONE,
        payload: '{"amount":"1"}',
      },
      { position: 2, command: "one", index_in_command: 1, version: 2, cause: 0, payload: '{"amount":"2","note":"n"}' },
    ]);
  });
});

describe("sealing", () => {
  test("strict and block mode give the same head, whatever the size of a block", () => {
    const heads = [1, 2, 7, 64, 10_000].map((size) => {
      const seal = sealer();
      for (const block of ledgerBlocks(50, size)) seal.seal(block);
      return seal.head;
    });
    expect(new Set(heads.map((head) => head.hash)).size).toBe(1);
    expect(new Set(heads.map((head) => head.content_hash)).size).toBe(1);
    expect(heads[0]?.position).toBe(151);
  });

  test("the content chain does not know the log's name, the tamper chain does", () => {
    const [one, two] = ["run/one", "run/two"].map((log) => {
      const seal = new BlockSealer(log, ledgerCatalogue, sha256, {
        head: { position: 0, hash: GENESIS_HASH, content_hash: GENESIS_HASH },
        pins: [],
        recent: [],
      });
      for (const block of ledgerBlocks(5, 4)) seal.seal(block);
      return seal.head;
    });
    expect(one?.content_hash).toBe(two?.content_hash);
    expect(one?.hash).not.toBe(two?.hash);
  });

  test("a block that does not follow, or whose columns disagree, is refused", () => {
    const [first, second] = ledgerBlocks(50, 50);
    if (first === undefined || second === undefined) throw new Error("two blocks are needed");
    expect(() => sealer().seal(second)).toThrow(BlockRefused);
    expect(() => sealer().seal({ ...first, payload_ends: first.payload_ends.slice(1) })).toThrow(BlockRefused);
    expect(() => sealer().seal({ ...first, payloads: `${first.payloads} ` })).toThrow(BlockRefused);
    expect(() => sealer().seal({ ...first, types: first.types.map(() => 77) })).toThrow(BlockRefused);
    expect(() => sealer().seal({ ...first, causes: first.causes.map(() => -9) })).toThrow(BlockRefused);
  });
});

function begun(writer: TapeWriter): TapeWriter {
  writer.begin({ command: "one" });
  return writer;
}
