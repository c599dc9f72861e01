import { describe, expect, test } from "vitest";
import { ledgerBlocks, MONDAY, openLog } from "../../test/support/tape-fixture.js";
import { MemoryEventStore } from "../adapters/memory/memory-event-store.js";
import { sha256 } from "../adapters/node-hash/sha256.js";
import type { EventBlock } from "../core/tape/block.js";
import { contentHash, payloadHash } from "../core/tape/chain.js";
import type { Anchor, TapeEvent } from "../core/tape/event.js";
import { GENESIS_HASH } from "../core/tape/hash.js";
import type { LogSession, ReadOptions } from "../ports/event-store.js";
import { findLogDivergence, type LogDivergence } from "./find-log-divergence.js";

const store = new MemoryEventStore({ sha256, now: () => MONDAY });

async function logOf(name: string, blocks: readonly EventBlock[]): Promise<LogSession> {
  const session = await openLog(store, { log: name, layout: "segments" });
  for (const block of blocks) await session.appendBlock(block);
  return session;
}

/** The same blocks with one digit of one payload changed, at the event that holds it. */
function changed(blocks: readonly EventBlock[], from: string, to: string): readonly EventBlock[] {
  return blocks.map((block) => ({ ...block, payloads: block.payloads.replace(from, to) }));
}

function compare(left: Parameters<typeof findLogDivergence>[0], right: Parameters<typeof findLogDivergence>[0]): Promise<LogDivergence> {
  return findLogDivergence(left, right, sha256);
}

describe("two logs", () => {
  test("with the same events under two names are equal, however they were committed", async () => {
    const one = await logOf("run/a", ledgerBlocks(300, 64));
    const other = await logOf("run/b", ledgerBlocks(300, 64));
    const equal = { divergence: { kind: "equal", position: 901 }, common: { position: 901, content_hash: one.head().content_hash } };
    expect(await compare(one, other)).toMatchObject({ ...equal, events_read: 0, damage: [] });
    expect(await compare(one, await logOf("run/c", ledgerBlocks(300, 1)))).toMatchObject(equal);
  });

  test("part at the first event that differs, which is given with both payloads", async () => {
    const blocks = ledgerBlocks(300, 64);
    const one = await logOf("run/d", blocks);
    const other = await logOf("run/e", changed(blocks, '{"amount":"222"}', '{"amount":"999"}'));
    const found = await compare(one, other);
    expect(found).toMatchObject({ common: { position: 1 + 3 * 222 }, damage: [] });
    expect(found.divergence).toMatchObject({
      kind: "parted",
      position: 2 + 3 * 222,
      fields: ["payload"],
      left: { payload: '{"amount":"222"}' },
      right: { payload: '{"amount":"999"}' },
    });
  });

  test("part where one of them ends", async () => {
    const blocks = ledgerBlocks(300, 64);
    const one = await logOf("run/f", blocks);
    const other = await logOf("run/g", blocks.slice(0, 3));
    const end = (blocks[3]?.first_position ?? 0) - 1;
    const found = await compare(one, other);
    expect(found.divergence).toMatchObject({ kind: "parted", position: end + 1, left: { position: end + 1 }, right: null });
    expect(found.common.content_hash).toBe(other.head().content_hash);
  });

  test("without a common anchor are compared page by page", async () => {
    const blocks = ledgerBlocks(6_000, 1_000_000);
    const one = await logOf("run/h", blocks);
    const other = await logOf("run/i", changed(ledgerBlocks(6_000, 5_000), '{"amount":"5999"}', '{"amount":"1111"}'));
    expect((await compare(one, other)).divergence).toMatchObject({ kind: "parted", position: 2 + 3 * 5_999 });
    expect((await compare(one, await logOf("run/j", ledgerBlocks(6_000, 5_000)))).divergence).toEqual({ kind: "equal", position: 18_001 });
  });

  test("that state hashes which their events do not have are told to be damaged", async () => {
    const blocks = ledgerBlocks(300, 64);
    const one = await logOf("run/k", blocks);
    const other = await logOf("run/l", blocks);
    const lying = {
      head: () => other.head(),
      anchors: async () => (await other.anchors()).map((anchor, i) => (i < 2 ? anchor : { ...anchor, content_hash: "0".repeat(64) })),
      readLog: (options?: ReadOptions) => other.readLog(options),
    };
    const third = (await other.anchors())[2];
    const found = await compare(one, { ...lying, head: () => ({ ...other.head(), content_hash: "0".repeat(64) }) });
    expect(found.divergence).toEqual({ kind: "equal", position: 901 });
    expect(found.damage).toEqual([{ side: "right", position: third?.position, message: expect.stringContaining("content hash") }]);
  });
});

interface Counted extends Pick<LogSession, "head" | "anchors" | "readLog"> {
  read: number;
}

const MILLION = 1_000_000;
const BLOCK = 1_024;

/** A log of a million events that are made when they are read; `changed` has another payload. */
function millionEvents(
  name: string,
  changed: number | null,
  like?: { readonly anchors: readonly Anchor[] },
): Counted & { marks: Anchor[] } {
  const eventAt = (position: number): TapeEvent => {
    const payload = `{"price":"${position === changed ? "100.01" : "100"}"}`;
    return {
      log: name,
      position,
      stream: `${name}/s`,
      version: position,
      id: `${name}-${position}`,
      type: "order.filled",
      schema_version: 1,
      occurred_at: position,
      source_at: null,
      causation_id: null,
      correlation_id: null,
      payload,
      payload_hash: position === changed ? CHANGED : USUAL,
      event_hash: "",
      recorded_at: 0,
      epoch: 1,
    };
  };
  // Blocks before the change are those of the log that it is like.
  const marks = like?.anchors.filter((anchor) => anchor.position < (changed ?? MILLION)) ?? [];
  let content = marks.at(-1)?.content_hash ?? GENESIS_HASH;
  for (let position = (marks.at(-1)?.position ?? 0) + 1; position <= MILLION; position++) {
    content = contentHash(content, eventAt(position), sha256);
    if (position % BLOCK === 0 || position === MILLION)
      marks.push({ log: name, first_position: 0, position, hash: "", content_hash: content, audit_hash: "", epoch: 1, recorded_at: 0 });
  }
  const log = {
    read: 0,
    marks,
    head: () => ({ position: MILLION, hash: "", content_hash: content }),
    anchors: async () => marks,
    async *readLog(options: ReadOptions = {}) {
      for (let position = options.from ?? 1; position <= MILLION; position++) {
        log.read += 1;
        yield eventAt(position);
      }
    },
  };
  return log;
}

const USUAL = payloadHash('{"price":"100"}', sha256);
const CHANGED = payloadHash('{"price":"100.01"}', sha256);

describe("two logs of a million events", () => {
  test("are told apart by some twenty comparisons and the events of one block", async () => {
    const one = millionEvents("run/one", null);
    for (const position of [777_777, MILLION, 998_401]) {
      one.read = 0;
      const other = millionEvents("run/other", position, { anchors: one.marks });
      const found = await compare(one, other);
      expect(found.divergence).toMatchObject({ kind: "parted", position, right: { payload: '{"price":"100.01"}' } });
      expect(found.common.position).toBe(position - 1);
      expect(found.comparisons).toBeLessThanOrEqual(21);
      expect(one.read + other.read).toBeLessThanOrEqual(2 * BLOCK);
      expect(found.events_read).toBe(one.read + other.read);
    }
    const same = await compare(one, { ...millionEvents("run/same", MILLION + 1, { anchors: one.marks }) });
    expect(same.divergence).toEqual({ kind: "equal", position: MILLION });
    expect(same.comparisons).toBeLessThanOrEqual(11);
    expect(same.events_read).toBe(0);
  });
});
