import { describe, expect, test } from "vitest";
import { ledgerBlocks, MONDAY, openLog } from "../../test/support/tape-fixture.js";
import { MemoryEventStore } from "../adapters/memory/memory-event-store.js";
import { sha256 } from "../adapters/node-hash/sha256.js";
import type { EventBlock } from "../core/tape/block.js";
import type { LogSession } from "../ports/event-store.js";
import { findLogDivergence } from "./find-log-divergence.js";

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

describe("two logs", () => {
  test("with the same events under two names are equal, however they were committed", async () => {
    const one = await logOf("run/a", ledgerBlocks(300, 64));
    expect(await findLogDivergence(one, await logOf("run/b", ledgerBlocks(300, 64)))).toEqual({ kind: "equal", position: 901 });
    expect(await findLogDivergence(one, await logOf("run/c", ledgerBlocks(300, 1)))).toEqual({ kind: "equal", position: 901 });
  });

  test("part at the first event that differs, which is given with both payloads", async () => {
    const blocks = ledgerBlocks(300, 64);
    const one = await logOf("run/d", blocks);
    const other = await logOf("run/e", changed(blocks, '{"amount":"222"}', '{"amount":"999"}'));
    expect(await findLogDivergence(one, other)).toMatchObject({
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
    expect(await findLogDivergence(one, other)).toMatchObject({ kind: "parted", position: end + 1, right: null });
  });
});
