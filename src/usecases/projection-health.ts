import type { PoisonedEvent } from "../core/projection/fold-events.js";
import { stateHash } from "../core/projection/projected-state.js";
import { codeVersion, type Projection } from "../core/projection/projection.js";
import type { EventCatalogue } from "../core/tape/catalogue.js";
import type { JsonObject, UtcMillis } from "../core/tape/event.js";
import type { Sha256Fn } from "../core/tape/hash.js";
import type { LogSession } from "../ports/event-store.js";
import type { ProjectionHead, ProjectionLease, ProjectionStore } from "../ports/projection-store.js";
import { hashAt } from "./believed-snapshots.js";

/**
 * Why a projection stands where it stands. `current`: at the head. `behind`: events wait. `halted`: it cannot fold the next event.
 * `other_code`: another version of the code made it. `altered`: its state does not have its hash. `other_log`: the log is not the one
 * that it was folded from. `not_built`: nobody has built it yet.
 */
export type ProjectionCondition = "current" | "behind" | "halted" | "other_code" | "altered" | "other_log" | "not_built";

export interface ProjectionHealth {
  readonly log: string;
  readonly name: string;
  readonly condition: ProjectionCondition;
  /** The condition in a sentence, with what to know of it. */
  readonly why: string;
  readonly generation: number | null;
  readonly code_version: string | null;
  /** Last position looked at, and that of the log. */
  readonly position: number;
  readonly head_position: number;
  /** Events that were not looked at yet. */
  readonly lag_events: number;
  /** How long the first of them has been on the log; 0 at the head. */
  readonly lag_ms: number;
  readonly events: number;
  readonly state_sha256: string | null;
  readonly halted: PoisonedEvent | null;
  /** Events set aside. */
  readonly parked: readonly PoisonedEvent[];
  readonly lease: ProjectionLease | null;
  /** Position of a generation that is being built beside it, or null. */
  readonly building_position: number | null;
}

export interface HealthRequest {
  readonly projection: Projection;
  readonly catalogue: EventCatalogue;
  readonly session: Pick<LogSession, "log" | "refresh" | "readLog">;
  readonly store: ProjectionStore;
  readonly hash: Sha256Fn;
  readonly now: UtcMillis;
}

/** Looks at one projection and changes nothing. The state is null where there is none, or where it was altered. */
export async function projectionHealth(
  request: HealthRequest,
): Promise<{ readonly health: ProjectionHealth; readonly state: JsonObject | null }> {
  const { projection, session, store, hash, now } = request;
  const heads = (await store.heads()).filter(({ name }) => name === projection.name);
  const active = heads.find(({ role }) => role === "active");
  const record = active === undefined ? null : await store.read(active);
  const { position: head_position } = await session.refresh();
  const position = Math.min(record?.position ?? 0, head_position);
  const sound = record !== null && stateHash(projection.name, record.state, hash) === record.state_hash;
  const condition = await conditionOf(request, record, sound, head_position);
  const health: ProjectionHealth = {
    log: session.log,
    name: projection.name,
    condition,
    why: describe(condition, record, head_position, codeVersion(projection, request.catalogue)),
    generation: record?.generation ?? null,
    code_version: record?.code_version ?? null,
    position: record?.position ?? 0,
    head_position,
    lag_events: head_position - position,
    lag_ms: await waited(session, position, head_position, now),
    events: record?.events ?? 0,
    state_sha256: record?.state_hash ?? null,
    halted: record?.halted ?? null,
    parked: record === null ? [] : await store.parked(record),
    lease: record?.lease ?? null,
    building_position: heads.find(({ role }) => role === "building")?.position ?? null,
  };
  // Its hash shows that a fold wrote it, and folds write objects.
  return { health, state: record !== null && sound ? (JSON.parse(record.state) as JsonObject) : null };
}

async function conditionOf(
  { projection, catalogue, session }: HealthRequest,
  head: ProjectionHead | null,
  sound: boolean,
  end: number,
): Promise<ProjectionCondition> {
  if (head === null) return "not_built";
  if (!sound) return "altered";
  if (head.position > end || (head.position > 0 && (await hashAt(session, head.position)) !== head.event_hash)) return "other_log";
  if (head.code_version !== codeVersion(projection, catalogue)) return "other_code";
  if (head.halted !== null) return "halted";
  return head.position < end ? "behind" : "current";
}

function describe(condition: ProjectionCondition, head: ProjectionHead | null, end: number, wanted: string): string {
  const position = head?.position ?? 0;
  switch (condition) {
    case "not_built":
      return "nobody has built it yet";
    case "altered":
      return "its state does not have its hash; it is built again, never believed";
    case "other_log":
      return position > end
        ? `it has looked at position ${position} and the log ends at ${end}: the log was cut or restored from an older copy`
        : `the log has another event at position ${position} than the one that it was folded from`;
    case "other_code":
      return `${head?.code_version} made it, this is ${wanted}; it has to be built again`;
    case "halted": {
      const at = head?.halted;
      return at === null || at === undefined ? "" : `it cannot fold ${at.type} at position ${at.position} (${at.event_id}): ${at.reason}`;
    }
    case "behind":
      return `${end - position} events wait`;
    case "current": {
      const parked = head?.parked ?? 0;
      return parked === 0 ? "at the head" : `at the head, with ${parked} ${parked === 1 ? "event" : "events"} set aside`;
    }
  }
}

async function waited(session: Pick<LogSession, "readLog">, position: number, end: number, now: UtcMillis): Promise<number> {
  if (position >= end) return 0;
  for await (const event of session.readLog({ from: position + 1, limit: 1 })) return Math.max(0, now - event.recorded_at);
  return 0;
}
