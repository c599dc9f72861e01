import { expect, it } from "vitest";
import { workedExample } from "../../test/support/run-tape.js";
import type { EventBlock } from "../core/tape/block.js";
import { BlockFold } from "./fold-blocks.js";

const { config, columns } = workedExample();
const parts = { config, columns: new Map([["AAA", columns]]), inputs: {} };

/** One event of the type with this index. */
function block(payloads: string, type: number): EventBlock {
  return {
    first_position: 1,
    count: 1,
    payloads,
    payload_ends: Uint32Array.of(payloads.length),
    types: Uint16Array.of(type),
    streams: ["run"],
    versions: Uint32Array.of(1),
    occurred_at: Float64Array.of(0),
    commands: ["start"],
    command_of: Uint32Array.of(0),
    index_in_command: Uint32Array.of(0),
    causes: Int32Array.of(-1),
  };
}

it("blocks that are not the whole log are no run: the tape has to be read", async () => {
  expect(await new BlockFold(parts).finish(1)).toBeNull();
  const more = new BlockFold(parts);
  more.follow(block('{"detail":"","code":"X","signal_id":"S1","symbol":"AAA"}', 5));
  expect(await more.finish(2)).toBeNull();
});

it("a block that cannot be folded leaves the fault to be told by the tape", async () => {
  const fold = new BlockFold(parts);
  fold.follow(block("{", 0));
  expect(await fold.finish(1)).toBeNull();
});
