/** Logs of a workspace's own, one row an event: folded when asked, appended to by decisions that are made again when another writer comes between. */
import type { EventCatalogue } from "../core/tape/catalogue.js";
import type { EventStore, LogSession, OpenOutcome, StreamBatch } from "../ports/event-store.js";
import { type DataRefusal, refusal } from "./data-ports.js";

export interface WorkspaceLog {
  readonly log: string;
  readonly catalogue: EventCatalogue;
  /** Names the log in messages, for example `the catalogue`. */
  readonly says: string;
}

const ATTEMPTS = 5;

/** What reading makes of the log; null where there is none yet. */
export async function readWorkspaceLog<T>(
  store: EventStore,
  log: WorkspaceLog,
  read: (session: LogSession) => Promise<T>,
): Promise<{ readonly kind: "read"; readonly value: T | null } | DataRefusal> {
  const outcome = await store.open({ log: log.log, catalogue: log.catalogue, mode: "read" });
  if (outcome.kind === "not_found") return { kind: "read", value: null };
  if (outcome.kind !== "opened") return unusable(outcome, log);
  try {
    return { kind: "read", value: await read(outcome.session) };
  } finally {
    await outcome.session.close();
  }
}

/**
 * Appends what `decide` makes of the log as it stands, all of it or nothing. Another writer may come between: the decision is then made again.
 *
 * @param decide no batches means that there is nothing to do.
 */
export async function appendToWorkspaceLog(
  store: EventStore,
  log: WorkspaceLog,
  decide: (session: LogSession) => Promise<readonly StreamBatch[]>,
): Promise<{ readonly kind: "appended"; readonly events: number } | DataRefusal> {
  let last = "";
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const outcome = await store.open({
      log: log.log,
      catalogue: log.catalogue,
      mode: "write",
      layout: "rows",
      durability: "durable",
    });
    if (outcome.kind !== "opened") return unusable(outcome, log);
    const { session } = outcome;
    try {
      const batches = await decide(session);
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
    [{ code: "STORE_UNAVAILABLE", message: `${log.says} took nothing in ${ATTEMPTS} attempts (${last})` }],
    "onetape doctor",
  );
}

async function stands(session: LogSession, batches: readonly StreamBatch[]): Promise<boolean> {
  for (const { events } of batches) for (const event of events) if ((await session.findEvent(event.id)) === null) return false;
  return true;
}

function unusable(outcome: Exclude<OpenOutcome, { kind: "opened" }>, { says }: WorkspaceLog): DataRefusal {
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
      return say("STORE_CORRUPT", `${says}'s log is damaged: ${outcome.cause}`, "an undamaged log: onetape verify tells where");
    case "head_mismatch":
    case "not_found":
      return say("STORE_UNAVAILABLE", `${says}'s log is not there as expected`, "the log that was written");
    case "unavailable":
      return say("STORE_UNAVAILABLE", `the store cannot be used: ${outcome.cause}`, "a store that opens");
  }
}
