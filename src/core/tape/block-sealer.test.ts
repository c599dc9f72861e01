import { describe, expect, test } from "vitest";
import { ledgerBlocks, ledgerCatalogue, MONDAY } from "../../../test/support/tape-fixture.js";
import { sha256 } from "../../adapters/node-hash/sha256.js";
import type { EventBlock } from "./block.js";
import { CAUSE_NONE, causeOfPin, pinOfCause } from "./block.js";
import { BlockRefused, BlockSealer, type SealState } from "./block-sealer.js";
import { contentHash, eventHash, payloadHash } from "./chain.js";
import type { TapeEvent } from "./event.js";
import { eventId } from "./event-id.js";
import { GENESIS_HASH } from "./hash.js";
import { eventAt } from "./sealed-block.js";

const START: SealState = { head: { position: 0, hash: GENESIS_HASH, content_hash: GENESIS_HASH }, pins: [], recent: [] };
const STAMP = { recorded_at: MONDAY, epoch: 1 };
const sealerAt = (state: SealState = START): BlockSealer => new BlockSealer("run/one", ledgerCatalogue, sha256, state);

function sealed(blocks: readonly EventBlock[], sealer: BlockSealer = sealerAt()): readonly TapeEvent[] {
  return blocks.flatMap((block) => {
    const result = sealer.seal(block);
    return Array.from({ length: result.count }, (_, i) => eventAt(result, i, STAMP));
  });
}

/** Three events of one command: a pinned one, a deposit at another time that answers it, and a transfer that answers the deposit. */
const three: EventBlock = {
  first_position: 1,
  count: 3,
  payloads: '{"source":"a"}{"amount":"1"}{"amount":"1","to":"ü"}',
  payload_ends: Uint32Array.of(14, 28, 51),
  types: Uint16Array.of(0, 1, 2),
  streams: ["rates", "account/1", "account/1"],
  versions: Uint32Array.of(1, 1, 2),
  occurred_at: Float64Array.of(MONDAY, MONDAY + 5, MONDAY + 5),
  commands: ["attach"],
  command_of: Uint32Array.of(0, 0, 0),
  index_in_command: Uint32Array.of(0, 1, 2),
  causes: Int32Array.of(CAUSE_NONE, causeOfPin(0), 1),
};

describe("a cause", () => {
  test("of the pin n is written as -(n + 2), beside -1 for none", () => {
    expect([CAUSE_NONE, causeOfPin(0), causeOfPin(7)]).toEqual([-1, -2, -9]);
    expect([pinOfCause(-2), pinOfCause(-9)]).toEqual([0, 7]);
  });
});

describe("a sealed block", () => {
  test("has the ids, causes and hashes that the definitions give, event by event", () => {
    const events = sealed(ledgerBlocks(12, 7));
    expect(events).toHaveLength(37);
    let [previous, content] = [GENESIS_HASH, GENESIS_HASH];
    for (const [i, event] of events.entries()) {
      const command = i === 0 ? "attach" : `command/${Math.floor((i - 1) / 3)}`;
      const index = i === 0 ? 0 : (i - 1) % 3;
      const cause = i === 0 ? null : index === 0 ? events[0]?.id : events[i - 1]?.id;
      expect(event).toMatchObject({ log: "run/one", position: i + 1, causation_id: cause, source_at: null, correlation_id: null });
      expect(event.id).toBe(eventId(event.occurred_at, "run/one", command, index, sha256));
      expect(event.payload_hash).toBe(payloadHash(event.payload, sha256));
      previous = eventHash(previous, event, sha256);
      content = contentHash(content, event, sha256);
      expect(event.event_hash).toBe(previous);
    }
    const sealer = sealerAt();
    for (const block of ledgerBlocks(12, 7)) expect(sealer.seal(block).head).toBe(sealer.head);
    expect(sealer.head).toEqual({ position: 37, hash: previous, content_hash: content });
  });

  test("names streams under their log, and types with their versions", () => {
    expect(
      sealed([three]).map(({ stream, type, schema_version, version, occurred_at }) => [stream, type, schema_version, version, occurred_at]),
    ).toEqual([
      ["run/one/rates", "rates.attached", 1, 1, MONDAY],
      ["run/one/account/1", "money.deposited", 2, 1, MONDAY + 5],
      ["run/one/account/1", "money.moved", 1, 2, MONDAY + 5],
    ]);
  });

  test("may be split anywhere, even within a command and over a restart", () => {
    const whole = sealed(ledgerBlocks(6, 100));
    const parts = ledgerBlocks(6, 1);
    for (let cut = 1; cut < parts.length; cut++) {
      const first = sealerAt();
      const before = sealed(parts.slice(0, cut), first);
      const state = { head: first.head, pins: [before[0]?.id ?? ""], recent: before.slice(-3).map(({ id }) => id) };
      expect([...before, ...sealed(parts.slice(cut), sealerAt(state))]).toEqual(whole);
    }
  });

  test("takes pins and ids of the log as they were, whatever is done with the lists later", () => {
    const pins = ["018cc251-f400-879f-bd6d-08b091e94d52"];
    const state = { ...START, pins };
    const sealer = sealerAt(state);
    pins.length = 0;
    const block = { ...three, causes: Int32Array.of(causeOfPin(0), causeOfPin(1), 0) };
    const events = sealed([block], sealer);
    expect(events.map(({ causation_id }) => causation_id)).toEqual(["018cc251-f400-879f-bd6d-08b091e94d52", events[0]?.id, events[0]?.id]);
  });
});

describe("a block is refused", () => {
  const refusals: readonly (readonly [string, Partial<EventBlock>, string])[] = [
    ["that does not follow", { first_position: 2 }, "a block from position 2 cannot follow position 0"],
    ["of no events", { count: 0 }, "a block of 0 events"],
    ["of half an event", { count: 1.5 }, "a block of 1.5 events"],
    ["with other columns than events", { count: 2 }, "the column payload_ends has 3 entries for 2 events"],
    ["with too few types", { types: Uint16Array.of(0) }, "the column types has 1 entries for 3 events"],
    ["with too few streams", { streams: [] }, "the column streams has 0 entries for 3 events"],
    ["with too few versions", { versions: Uint32Array.of(1) }, "the column versions has 1 entries for 3 events"],
    ["with too few times", { occurred_at: Float64Array.of(1) }, "the column occurred_at has 1 entries for 3 events"],
    ["with too few commands", { command_of: Uint32Array.of(0) }, "the column command_of has 1 entries for 3 events"],
    ["with too few indices", { index_in_command: Uint32Array.of(0) }, "the column index_in_command has 1 entries for 3 events"],
    ["with too few causes", { causes: Int32Array.of(-1) }, "the column causes has 1 entries for 3 events"],
    ["with an empty payload", { payload_ends: Uint32Array.of(14, 14, 51) }, "the payload of event 1 ends at 14, where it begins or before"],
    ["with a payload that ends before it begins", { payload_ends: Uint32Array.of(0, 28, 51) }, "the payload of event 0 ends at 0"],
    ["with an unknown type", { types: Uint16Array.of(0, 1, 3) }, "event 2 has the unknown type index 3"],
    ["with text left over", { payload_ends: Uint32Array.of(14, 28, 50) }, "the payloads end at 50, their text at 51"],
    ["with a command that it does not name", { commands: [] }, "there is no text 0"],
    ["with the cause of a later event", { causes: Int32Array.of(-1, 1, 1) }, "the cause 1 of the event at position 2 is not known"],
    ["with a pin that does not exist", { causes: Int32Array.of(-1, -2, -3) }, "the cause -3 of the event at position 3 is not known"],
    [
      "with a pin that is none",
      { types: Uint16Array.of(1, 1, 2), causes: Int32Array.of(-1, -2, -1) },
      "the cause -2 of the event at position 2 is not known",
    ],
    [
      "whose command began before anything that is known",
      { index_in_command: Uint32Array.of(1, 2, 3), causes: Int32Array.of(-1, -1, -1) },
      "the event at position 1 is number 1 of its command, whose start is not known",
    ],
    [
      "that skips an event of a command",
      { index_in_command: Uint32Array.of(0, 2, 3), causes: Int32Array.of(-1, -1, -1) },
      "the event at position 2 is number 2 of its command, whose start is not known",
    ],
  ];

  test.each(refusals)("%s", (_, changes, message) => {
    const refusal = (() => {
      try {
        sealerAt().seal({ ...three, ...changes });
      } catch (error) {
        return error;
      }
      return null;
    })();
    expect(refusal).toBeInstanceOf(BlockRefused);
    expect(String(refusal)).toContain(`BlockRefused: ${message}`);
  });
});
