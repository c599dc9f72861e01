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
import { GENESIS_HASH } from "./hash.js";
import { MemoryTapeWriter } from "./memory-tape-writer.js";
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
    writer.begin("one");
    writer.accept([event(), event({ version: 2, cause: 0 })]);
    writer.accept([event({ version: 3 })]);
    expect(steps).toEqual(["emit 1..2", "await 2", "emit 3..3", "await 3"]);
  });

  test("in block mode emits when a block is full and never splits a batch", () => {
    const { writer, steps } = trace("block", { block_events: 2 });
    writer.begin("one");
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
    writer.begin("one");
    writer.accept([event()]);
    writer.accept([event({ version: 2 })]);
    expect(steps).toEqual(["emit 1..2"]);
  });

  test("waits for the oldest block once too many are in flight", () => {
    const { writer, steps } = trace("block", { block_events: 1, blocks_in_flight: 2 });
    writer.begin("one");
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
    writer.begin("one");
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
    ["under a command id with a line end", (writer: TapeWriter) => writer.begin("a\nb"), ProposalRefused],
  ])("refuses an event %s", (_, propose, refusal) => {
    expect(() => propose(trace("block").writer)).toThrow(refusal);
  });

  test("switched off, counts and keeps nothing", () => {
    const writer: TapeWriter = new NullTapeWriter();
    writer.begin("one");
    writer.accept([event(), event({ version: 2 })]);
    writer.flush();
    expect(writer.position).toBe(2);
  });

  test("in memory, shows what it accepted", () => {
    const memory = new MemoryTapeWriter(ledgerCatalogue);
    const writer: TapeWriter = memory;
    writer.begin("one");
    writer.accept([event(), event({ version: 2, cause: 0, payload: { note: "n", amount: "2" } })]);
    expect(memory.events()).toMatchObject([
      {
        position: 1,
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
  writer.begin("one");
  return writer;
}
