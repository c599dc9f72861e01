import type { EventCatalogue } from "../core/tape/catalogue.js";
import type { LogLayout, LogSession } from "../ports/event-store.js";
import type { ImportOutcome, LogImporter } from "../ports/log-import.js";
import { committedBlocks } from "./export-log.js";

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
  return to.importLog(
    { log: from.log, catalogue: options.catalogue, layout: options.layout },
    committedBlocks(from, 0, Number.MAX_SAFE_INTEGER),
  );
}
