import type { EventStore } from "../../ports/event-store.js";
import type { ProjectionStores } from "../../ports/projection-store.js";
import type { Telemetry } from "../../ports/telemetry.js";
import { observedReplay, type Replay } from "../../usecases/observed-replay.js";
import { type ObservedBy, observedStore } from "../../usecases/observed-store.js";

/** Telemetry of this process, as a process has one standard error; null is off. */
let active: Telemetry | null = null;

/** Every store and replay that is made from now on tells what it does; null ends it. */
export function observeWith(telemetry: Telemetry | null): void {
  active = telemetry;
}

/** The store as it is where telemetry is off. */
export function observed<S extends EventStore & Partial<ProjectionStores>>(store: S, system: ObservedBy["system"]): S {
  return active === null ? store : observedStore(store, { telemetry: active, system, now: Date.now });
}

export function toldOf(replay: Replay): Replay {
  return active === null ? replay : observedReplay(replay, active);
}
