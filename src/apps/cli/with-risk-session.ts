import { sha256 } from "../../adapters/node-hash/sha256.js";
import { momentOf } from "../../adapters/risk-files/moment-of.js";
import { nearestName } from "../../core/quality/nearest-name.js";
import type { Violation } from "../../core/quality/violation.js";
import { memoryCache } from "../../core/session/compute-job.js";
import type { UtcMillis } from "../../core/tape/event.js";
import type { EventStore } from "../../ports/event-store.js";
import type { DataRefusal } from "../../usecases/data-ports.js";
import { openRiskSession, type RiskSession, type RiskSessionPorts, riskSessionNames } from "../../usecases/risk-session.js";
import type { LogStores } from "../../usecases/workspace-logs.js";
import type { CommandResult, FlagValues, Invocation } from "./command.js";
import { refused } from "./data-refusal.js";
import { type Failure, failureOf } from "./failure.js";
import { withLogStores } from "./with-logs.js";

/** Results that are kept in memory while a command runs. */
const KEPT_RESULTS = 64;

/** What a session of a workspace needs. */
export function riskSessionPorts(store: EventStore): RiskSessionPorts {
  return { store, hash: sha256, cache: memoryCache(KEPT_RESULTS) };
}

/** Opens the session that the command line names, and closes it afterwards. */
export function withRiskSession(
  invocation: Invocation,
  mode: "read" | "write",
  work: (session: RiskSession, stores: LogStores) => Promise<CommandResult>,
): Promise<CommandResult> {
  const name = invocation.args[0] ?? "";
  return withLogStores(invocation, async (stores) => {
    const opened = await openRiskSession(riskSessionPorts(stores.store), name, mode);
    if (opened.kind === "refused") return { kind: "failed", failure: await notOpened(stores.store, name, opened) };
    try {
      return await work(opened.session, stores);
    } finally {
      await opened.session.close();
    }
  });
}

async function notOpened(store: EventStore, name: string, refusal: DataRefusal): Promise<Failure> {
  if (refusal.reason !== "not_found") return refused(refusal);
  const names = await riskSessionNames(store);
  const near = nearestName(name, names);
  const there = names.length === 0 ? "this workspace has none yet" : `there is ${names.join(", ")}`;
  const message = `there is no session ${name}${near === null ? `: ${there}` : `; did you mean ${near}?`}`;
  return failureOf("NOT_FOUND", message, near === null ? `onetape session new ${name} --base-currency USD` : "onetape session list", {
    field: "NAME",
    value: name,
    expected: "a session that was begun",
  });
}

/** The event time of `--at`; null without the flag. What names no moment goes to the violations. */
export function atFlag(flags: FlagValues, violations: Violation[]): UtcMillis | null {
  const text = flags.text("at");
  if (text === undefined) return null;
  const at = momentOf(text);
  if (at === null) {
    const expected = "2026-03-31T16:00:00Z, UTC milliseconds, or a date";
    violations.push({ code: "USAGE", message: `${JSON.stringify(text)} is no moment`, field: "--at", value: text, expected });
  }
  return at;
}

/** A time for people: to the minute where it is one, as the end of a day where it is that, to the millisecond elsewhere. */
export function timeText(ts: UtcMillis): string {
  if (!Number.isFinite(ts)) return "never";
  const text = new Date(ts).toISOString().replace("T", " ");
  if (text.endsWith(" 23:59:59.999Z")) return `${text.slice(0, 10)}, end of day`;
  return text.endsWith(":00.000Z") ? `${text.slice(0, 16)}Z` : text;
}
