import type { EventCatalogue } from "../core/tape/catalogue.js";
import type { TapeEvent } from "../core/tape/event.js";
import type { LogLayout, LogSession } from "../ports/event-store.js";
import type { CommittedBlock, ImportOutcome, LogImporter } from "../ports/log-import.js";

export interface ConvertLogOptions {
  readonly catalogue: EventCatalogue;
  /** Layout of the copy; the source keeps its own. */
  readonly layout: LogLayout;
}

/**
 * Copies a log to another store or layout, hash for hash and block for block. The name stays: hashes cover it.
 *
 * Every block is verified before it is written, so damage is found here rather than carried along.
 */
export function convertLog(from: LogSession, to: LogImporter, options: ConvertLogOptions): Promise<ImportOutcome> {
  return to.importLog({ log: from.log, catalogue: options.catalogue, layout: options.layout }, committedBlocks(from));
}

async function* committedBlocks(from: LogSession): AsyncGenerator<CommittedBlock> {
  const anchors = await from.anchors();
  let next = 0;
  let events: TapeEvent[] = [];
  for await (const event of from.readLog()) {
    const anchor = anchors[next];
    if (anchor === undefined) return;
    events.push(event);
    if (event.position < anchor.position) continue;
    yield { anchor, events };
    next += 1;
    events = [];
  }
  const missing = anchors[next];
  if (missing !== undefined) yield { anchor: missing, events };
}
