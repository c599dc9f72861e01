/** The logs that a workspace keeps beside its runs: which there are, and what each may hold. */
import { CALC_LOG, calcCatalogue } from "../core/calc/calc-event-schemas.js";
import { runCatalogue } from "../core/engine/run-event-schemas.js";
import { riskCatalogue } from "../core/gate/risk-event-schemas.js";
import { CATALOGUE_LOG, dataCatalogue } from "../core/market/catalogue-events.js";
import { OPS_LOG, opsCatalogue } from "../core/ops/ops-events.js";
import { catalogueProjections, runProjections } from "../core/projection/known-projections.js";
import type { Projection } from "../core/projection/projection.js";
import { QUALITY_LOG, qualityCatalogue } from "../core/quality/sla-events.js";
import { outboxCatalogue } from "../core/session/outbox-events.js";
import { RISK_SESSION_LOGS, riskSessionCatalogue } from "../core/session/risk-session-events.js";
import type { EventCatalogue } from "../core/tape/catalogue.js";
import type { EventStore, LogSession, OpenOutcome } from "../ports/event-store.js";
import type { LogImporter } from "../ports/log-import.js";
import type { ProjectionStores } from "../ports/projection-store.js";
import { RISK_LOG } from "./kill-switch-log.js";

/** A store that operators look at. */
export type OperatedStore = EventStore & LogImporter & ProjectionStores;

/** The two places of a workspace's logs; one and the same where a database keeps both. */
export interface LogStores {
  /** The workspace's own logs. */
  readonly store: OperatedStore;
  /** Logs of sessions. */
  readonly sessions: OperatedStore;
}

export type LogKind = "workspace" | "session" | "run";

/** A log, and where it is. */
export interface PlacedLog {
  readonly log: string;
  readonly kind: LogKind;
  readonly store: OperatedStore;
}

const NOTHING: EventCatalogue = { name: "unknown", definitions: [], upcasters: [] };

/** The events that a log of this name may hold. A log that is not of Onetape's own making may hold any. */
export function catalogueOf(log: string): EventCatalogue {
  if (log === CATALOGUE_LOG) return dataCatalogue;
  if (log === RISK_LOG) return riskCatalogue;
  if (log === OPS_LOG) return opsCatalogue;
  if (log === CALC_LOG) return calcCatalogue;
  if (log === QUALITY_LOG) return qualityCatalogue;
  if (log.startsWith("outbox/")) return outboxCatalogue;
  if (log.startsWith(`${RISK_SESSION_LOGS}/`)) return riskSessionCatalogue;
  return log.startsWith("session/") || log.startsWith("run/") ? runCatalogue : NOTHING;
}

/** The projections that are folded from a log of this name. */
export function projectionsOf(log: string): readonly Projection[] {
  if (log === CATALOGUE_LOG) return catalogueProjections;
  return log.startsWith("session/") ? runProjections : [];
}

/** Which of the two places a log of this name belongs to. */
export function placeOf(log: string): "store" | "sessions" {
  return log.startsWith("session/") || log.startsWith("outbox/") ? "sessions" : "store";
}

/** Every log of both places, by name. */
export async function listLogs({ store, sessions }: LogStores): Promise<readonly PlacedLog[]> {
  const own = (await store.logs()).map((log) => ({ log, kind: kindOf(log), store }));
  const rest = store === sessions ? [] : (await sessions.logs()).map((log) => ({ log, kind: kindOf(log), store: sessions }));
  return [...own, ...rest].sort((a, b) => (a.log < b.log ? -1 : 1));
}

function kindOf(log: string): LogKind {
  if (log.startsWith("session/")) return "session";
  return log.startsWith("run/") ? "run" : "workspace";
}

/** Opens a log to look at it. @returns why it cannot be looked at, in words, where it cannot. */
export async function openToRead(
  store: EventStore,
  log: string,
): Promise<{ readonly session: LogSession } | { readonly session: null; readonly why: string }> {
  const opened = await store.open({ log, catalogue: catalogueOf(log), mode: "read" });
  return opened.kind === "opened" ? { session: opened.session } : { session: null, why: whyNot(opened) };
}

/** Why a log was not opened, in words. */
export function whyNot(outcome: Exclude<OpenOutcome, { readonly kind: "opened" }>): string {
  switch (outcome.kind) {
    case "not_found":
      return `there is no log ${outcome.log}`;
    case "newer_version":
      return `it has store version ${outcome.store_version}, this Onetape knows ${outcome.supported_version}`;
    case "head_mismatch":
      return `it ends at position ${outcome.actual.position}, ${outcome.expected.position} was expected`;
    case "corrupt":
    case "unavailable":
      return outcome.cause;
  }
}
