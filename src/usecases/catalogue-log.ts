/** The workspace's data catalogue: a log of its own, folded when asked. */
import { CATALOGUE_LOG, dataCatalogue } from "../core/market/catalogue-events.js";
import { type DataIndex, DataIndexFold } from "../core/market/data-index.js";
import type { JsonObject } from "../core/tape/event.js";
import type { LogSession, OpenOutcome, StreamBatch } from "../ports/event-store.js";
import { type DataPorts, type DataRefusal, refusal } from "./data-ports.js";

const ATTEMPTS = 5;

/** Everything the catalogue says. A workspace without one is empty. */
export async function readDataIndex(
  ports: Pick<DataPorts, "store">,
): Promise<{ readonly kind: "read"; readonly index: DataIndex } | DataRefusal> {
  const outcome = await ports.store.open({ log: CATALOGUE_LOG, catalogue: dataCatalogue, mode: "read" });
  if (outcome.kind === "not_found") return { kind: "read", index: new DataIndexFold() };
  if (outcome.kind !== "opened") return unusable(outcome);
  try {
    return { kind: "read", index: await fold(outcome.session) };
  } finally {
    await outcome.session.close();
  }
}

/**
 * Appends what `decide` makes of the catalogue as it stands. Another writer may come between: the decision is then made again.
 *
 * @param decide pure; no batches means that there is nothing to do.
 */
export async function appendToCatalogue(
  ports: Pick<DataPorts, "store">,
  decide: (index: DataIndex, versionOf: (stream: string) => Promise<number>) => Promise<readonly StreamBatch[]>,
): Promise<{ readonly kind: "appended"; readonly events: number } | DataRefusal> {
  let last = "";
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const outcome = await ports.store.open({
      log: CATALOGUE_LOG,
      catalogue: dataCatalogue,
      mode: "write",
      layout: "rows",
      durability: "durable",
    });
    if (outcome.kind !== "opened") return unusable(outcome);
    const { session } = outcome;
    try {
      const batches = await decide(await fold(session), (stream) => session.streamVersion(stream));
      if (batches.length === 0) return { kind: "appended", events: 0 };
      const appended = await session.append(batches);
      const events = batches.reduce((sum, batch) => sum + batch.events.length, 0);
      if (appended.kind === "stored" || appended.kind === "duplicate") return { kind: "appended", events };
      if (appended.kind === "unknown" && (await stands(session, batches))) return { kind: "appended", events };
      if (appended.kind === "rejected") return refusal("invalid", appended.violations);
      last = "cause" in appended ? `${appended.kind}: ${appended.cause}` : appended.kind;
    } finally {
      await session.close();
    }
  }
  return refusal(
    "unavailable",
    [{ code: "STORE_UNAVAILABLE", message: `the catalogue took nothing in ${ATTEMPTS} attempts (${last})` }],
    "onetape doctor",
  );
}

async function fold(session: LogSession): Promise<DataIndex> {
  const index = new DataIndexFold();
  for await (const event of session.readLog()) index.apply(event.type, JSON.parse(event.payload) as JsonObject);
  return index;
}

async function stands(session: LogSession, batches: readonly StreamBatch[]): Promise<boolean> {
  for (const { events } of batches) for (const event of events) if ((await session.findEvent(event.id)) === null) return false;
  return true;
}

function unusable(outcome: Exclude<OpenOutcome, { kind: "opened" }>): DataRefusal {
  const say = (code: string, message: string, expected: string): DataRefusal =>
    refusal(outcome.kind === "corrupt" ? "corrupt" : "unavailable", [{ code, message, expected }], "onetape doctor");
  switch (outcome.kind) {
    case "newer_version":
      return say(
        "STORE_NEWER",
        `the store has version ${outcome.store_version}, newer than this Onetape knows`,
        `version ${outcome.supported_version} or lower, or a newer Onetape`,
      );
    case "corrupt":
      return say("STORE_CORRUPT", `the catalogue's log is damaged: ${outcome.cause}`, "an undamaged log: onetape verify tells where");
    case "head_mismatch":
    case "not_found":
      return say("STORE_UNAVAILABLE", "the catalogue's log is not there as expected", "the log that was written");
    case "unavailable":
      return say("STORE_UNAVAILABLE", `the store cannot be used: ${outcome.cause}`, "a store that opens");
  }
}
