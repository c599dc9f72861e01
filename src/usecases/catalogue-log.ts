/** The workspace's data catalogue: a log of its own, folded when asked. */
import { CATALOGUE_LOG, dataCatalogue } from "../core/market/catalogue-events.js";
import { type DataIndex, DataIndexFold } from "../core/market/data-index.js";
import type { JsonObject } from "../core/tape/event.js";
import type { LogSession, StreamBatch } from "../ports/event-store.js";
import type { DataPorts, DataRefusal } from "./data-ports.js";
import { appendToWorkspaceLog, readWorkspaceLog, type WorkspaceLog } from "./workspace-log.js";

const LOG: WorkspaceLog = { log: CATALOGUE_LOG, catalogue: dataCatalogue, says: "the catalogue" };

/** Everything the catalogue says. A workspace without one is empty. */
export async function readDataIndex(
  ports: Pick<DataPorts, "store">,
): Promise<{ readonly kind: "read"; readonly index: DataIndex } | DataRefusal> {
  const outcome = await readWorkspaceLog(ports.store, LOG, fold);
  return outcome.kind === "read" ? { kind: "read", index: outcome.value ?? new DataIndexFold() } : outcome;
}

/**
 * Appends what `decide` makes of the catalogue as it stands. Another writer may come between: the decision is then made again.
 *
 * @param decide pure; no batches means that there is nothing to do.
 */
export function appendToCatalogue(
  ports: Pick<DataPorts, "store">,
  decide: (index: DataIndex, versionOf: (stream: string) => Promise<number>) => Promise<readonly StreamBatch[]>,
): Promise<{ readonly kind: "appended"; readonly events: number } | DataRefusal> {
  return appendToWorkspaceLog(ports.store, LOG, async (session) => decide(await fold(session), (stream) => session.streamVersion(stream)));
}

async function fold(session: LogSession): Promise<DataIndex> {
  const index = new DataIndexFold();
  for await (const page of session.replayPages())
    for (const { type, payload } of page) index.apply(type, JSON.parse(payload) as JsonObject);
  return index;
}
