import type { EventBlock } from "./block.js";
import { HASH_LENGTH, ID_LENGTH } from "./block-digests.js";

/** The events of a block from index `from` on. @throws {RangeError} where nothing would be left, or `from` is none of its indices. */
export function blockFrom(block: EventBlock, from: number): EventBlock {
  if (from === 0) return block;
  if (!(from > 0 && from < block.count)) throw new RangeError(`a block of ${block.count} events has no part from ${from}`);
  const start = block.payload_ends[from - 1] as number;
  const { digests } = block;
  return {
    first_position: block.first_position + from,
    count: block.count - from,
    payloads: block.payloads.slice(start),
    payload_ends: block.payload_ends.subarray(from).map((end) => end - start),
    types: block.types.subarray(from),
    streams: block.streams.slice(from),
    versions: block.versions.subarray(from),
    occurred_at: block.occurred_at.subarray(from),
    commands: block.commands,
    command_of: block.command_of.subarray(from),
    index_in_command: block.index_in_command.subarray(from),
    causes: block.causes.subarray(from),
    ...(digests === undefined
      ? {}
      : {
          digests: {
            log: digests.log,
            ids: digests.ids.slice(ID_LENGTH * from),
            payload_hashes: digests.payload_hashes.slice(HASH_LENGTH * from),
          },
        }),
  };
}
