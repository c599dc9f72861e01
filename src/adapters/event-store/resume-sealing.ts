import type { EventBlock } from "../../core/tape/block.js";
import type { SealState } from "../../core/tape/block-sealer.js";
import { BlockRefused, BlockSealer } from "../../core/tape/block-sealer.js";
import type { EventCatalogue } from "../../core/tape/catalogue.js";
import type { TapeEvent } from "../../core/tape/event.js";
import { eventId } from "../../core/tape/event-id.js";
import type { Sha256Fn } from "../../core/tape/hash.js";

/** What has to be read of a log before a block can be sealed onto its end. */
export interface SealingNeeds {
  /** Types of the pinned events to read, from the start of the log; empty where there can be none. */
  readonly types: readonly string[];
  /** How many events of the block's first command the log already ends with. */
  readonly begun: number;
}

export function sealingNeeds(block: EventBlock, catalogue: EventCatalogue, head: SealState["head"]): SealingNeeds {
  const pinned = catalogue.definitions.filter((definition) => definition.pinned).map((definition) => definition.type);
  return { types: head.position === 0 ? [] : pinned, begun: block.index_in_command[0] ?? 0 };
}

/**
 * A sealer that goes on where a log ends.
 *
 * @param pins ids of the pinned events so far, in order.
 * @param newest the last events of the log, newest first, as many as {@link SealingNeeds} asks for.
 * @throws {BlockRefused} where the log does not end with the start of the block's command.
 */
export function resumeSealing(
  block: EventBlock,
  log: { readonly log: string; readonly catalogue: EventCatalogue; readonly sha256: Sha256Fn; readonly head: SealState["head"] },
  pins: readonly string[],
  newest: readonly TapeEvent[],
): BlockSealer {
  const begun = block.index_in_command[0] ?? 0;
  const command = block.commands[block.command_of[0] ?? -1] ?? "";
  const events = newest.toReversed();
  const belongs = events.every((event, i) => event.id === eventId(event.occurred_at, log.log, command, i, log.sha256));
  if (!belongs || events.length < begun)
    throw new BlockRefused(`the block goes on with event ${begun} of the command ${command}, and the log does not end with its start`);
  return new BlockSealer(log.log, log.catalogue, log.sha256, { head: log.head, pins, recent: events.map((event) => event.id) });
}
