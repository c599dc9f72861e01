/**
 * The kill switches of a workspace, one a scope: what a paper or live session reads before it sends anything.
 *
 * Every step is an event on a log of its own, requests and refusals included, and what is to be told of it stands in the same append. The wall
 * clock enters as the time of the request; the core reads none.
 */
import { ARMED, decideReset, evolveKillSwitch, type KillSwitchState, lockEnd } from "../core/gate/kill-switch.js";
import { riskCatalogue } from "../core/gate/risk-event-schemas.js";
import {
  DEFAULT_SCOPE,
  isRiskEvent,
  type KillSwitchResetRefused,
  type RiskEventType,
  type RiskPayloads,
  riskStream,
} from "../core/gate/risk-events.js";
import type { JsonObject, NewEvent, TapeEvent, UtcMillis } from "../core/tape/event.js";
import { eventId } from "../core/tape/event-id.js";
import type { Sha256Fn } from "../core/tape/hash.js";
import type { EventStore, LogSession, StreamBatch } from "../ports/event-store.js";
import type { DataRefusal } from "./data-ports.js";
import { appendToWorkspaceLog, readWorkspaceLog, type WorkspaceLog } from "./workspace-log.js";

export interface KillSwitchPorts {
  readonly store: EventStore;
  readonly hash: Sha256Fn;
  /** Wall clock in UTC milliseconds. */
  readonly now: () => UtcMillis;
}

/** One event of a switch. */
export interface KillSwitchStep {
  readonly position: number;
  readonly at: UtcMillis;
  readonly type: string;
  readonly payload: JsonObject;
}

export interface KillSwitchReport {
  readonly kind: "read";
  readonly scope: string;
  readonly state: KillSwitchState;
  /** Oldest first. */
  readonly steps: readonly KillSwitchStep[];
}

export type TripOutcome =
  | { readonly kind: "tripped"; readonly state: KillSwitchState }
  /** It was tripped before: nothing was changed. */
  | { readonly kind: "already"; readonly state: KillSwitchState }
  | DataRefusal;

export type ResetOutcome =
  | { readonly kind: "reset"; readonly approver: string; readonly reason: string }
  /** It is armed: nothing was changed. */
  | { readonly kind: "already"; readonly state: KillSwitchState }
  | { readonly kind: "stays_tripped"; readonly refused: KillSwitchResetRefused; readonly state: KillSwitchState }
  | DataRefusal;

export const RISK_LOG = "risk";
const LOG: WorkspaceLog = { log: RISK_LOG, catalogue: riskCatalogue, says: "the kill switch" };

/** Where a workspace tells of its switches. */
const CHANNEL = "log";

/** The state of a scope's switch, folded from its events: what a session asks before it sends an order. A switch that nobody touched is armed. */
export async function killSwitchState(
  ports: Pick<KillSwitchPorts, "store">,
  scope: string = DEFAULT_SCOPE,
): Promise<{ readonly kind: "read"; readonly state: KillSwitchState } | DataRefusal> {
  const report = await killSwitchReport(ports, scope);
  return report.kind === "read" ? { kind: "read", state: report.state } : report;
}

/** The state of a scope's switch with every step that led to it. */
export async function killSwitchReport(
  ports: Pick<KillSwitchPorts, "store">,
  scope: string = DEFAULT_SCOPE,
): Promise<KillSwitchReport | DataRefusal> {
  const outcome = await readWorkspaceLog(ports.store, LOG, (session) => fold(session, scope));
  if (outcome.kind === "refused") return outcome;
  const { state, steps } = outcome.value ?? { state: ARMED, steps: [] };
  return { kind: "read", scope, state, steps };
}

/** Trips a scope's switch and locks it. @param lockHours decimal text, not negative */
export async function tripKillSwitch(
  ports: KillSwitchPorts,
  { scope, reason, lock_hours }: { readonly scope: string; readonly reason: string; readonly lock_hours: string },
): Promise<TripOutcome> {
  let before: KillSwitchState = ARMED;
  const now = ports.now();
  const outcome = await appendToWorkspaceLog(ports.store, LOG, async (session) => {
    before = (await fold(session, scope)).state;
    if (before.status === "tripped") return [];
    const locked_until = lockEnd(now, lock_hours);
    return batchOf(ports.hash, session, scope, now, [
      step("kill_switch.trip_requested", { reason, lock_hours }),
      step("kill_switch.tripped", { trigger: "operator", reason, locked_until, cancel_orders: true, flatten: false }),
      step("notification.requested", { channel: CHANNEL, about: "kill_switch.tripped", text: `kill switch ${scope} tripped: ${reason}` }),
    ]);
  });
  if (outcome.kind === "refused") return outcome;
  if (outcome.events === 0) return { kind: "already", state: before };
  const locked_until = lockEnd(now, lock_hours);
  return { kind: "tripped", state: { status: "tripped", trigger: "operator", reason, tripped_at: now, locked_until } };
}

/** Resets a scope's switch: by a named approver with a reason, and not before its lock ends. A refusal is recorded as well. */
export async function resetKillSwitch(
  ports: KillSwitchPorts,
  { scope, ...request }: { readonly scope: string; readonly approver: string; readonly reason: string },
): Promise<ResetOutcome> {
  const decided: { state: KillSwitchState; verdict: ReturnType<typeof decideReset> | null } = { state: ARMED, verdict: null };
  const now = ports.now();
  const outcome = await appendToWorkspaceLog(ports.store, LOG, async (session) => {
    decided.state = (await fold(session, scope)).state;
    if (decided.state.status === "armed") return [];
    const verdict = decideReset(decided.state, request, now);
    decided.verdict = verdict;
    const asked = step("kill_switch.reset_requested", request);
    if (verdict.kind === "refused")
      return batchOf(ports.hash, session, scope, now, [asked, step("kill_switch.reset_refused", verdict.payload)]);
    const { approver, reason } = verdict.payload;
    return batchOf(ports.hash, session, scope, now, [
      asked,
      step("kill_switch.reset", verdict.payload),
      step("notification.requested", {
        channel: CHANNEL,
        about: "kill_switch.reset",
        text: `kill switch ${scope} reset by ${approver}: ${reason}`,
      }),
    ]);
  });
  if (outcome.kind === "refused") return outcome;
  const { state, verdict } = decided;
  if (verdict === null) return { kind: "already", state };
  if (verdict.kind === "refused") return { kind: "stays_tripped", refused: verdict.payload, state };
  const { approver, reason } = verdict.payload;
  return { kind: "reset", approver, reason };
}

/** An event before it has a place. */
interface Step {
  readonly type: RiskEventType;
  readonly payload: JsonObject;
}

function step<T extends RiskEventType>(type: T, payload: RiskPayloads[T]): Step {
  return { type, payload: { ...payload } };
}

/** One command's events on a scope's stream; each but the first answers the first. */
async function batchOf(
  hash: Sha256Fn,
  session: LogSession,
  scope: string,
  now: UtcMillis,
  steps: readonly Step[],
): Promise<readonly StreamBatch[]> {
  const stream = riskStream(scope);
  const version = await session.streamVersion(stream);
  const ids = steps.map((_, index) => eventId(now, RISK_LOG, `${stream}/${version + 1}`, index, hash));
  const events = steps.map(
    ({ type, payload }, index): NewEvent => ({
      id: ids[index] ?? "",
      type,
      schema_version: 1,
      occurred_at: now,
      ...(index === 0 ? {} : { causation_id: ids[0] ?? null }),
      payload,
    }),
  );
  return [{ stream, expected: version === 0 ? "no_stream" : version, events }];
}

async function fold(
  session: LogSession,
  scope: string,
): Promise<{ readonly state: KillSwitchState; readonly steps: readonly KillSwitchStep[] }> {
  let state = ARMED;
  const steps: KillSwitchStep[] = [];
  for await (const stored of session.readStream(riskStream(scope))) {
    const event = eventOf(stored);
    if (isRiskEvent(event)) state = evolveKillSwitch(state, event);
    steps.push({ position: stored.position, at: stored.occurred_at, type: stored.type, payload: event.payload });
  }
  return { state, steps };
}

function eventOf({ type, occurred_at, payload }: TapeEvent): {
  readonly type: string;
  readonly occurred_at: UtcMillis;
  readonly payload: JsonObject;
} {
  return { type, occurred_at, payload: JSON.parse(payload) as JsonObject };
}
