import { sha256 } from "../../adapters/node-hash/sha256.js";
import type { EventStore } from "../../ports/event-store.js";
import type { QualityGate } from "../../usecases/quality-gate.js";
import { workspacePaths } from "../../usecases/workspace.js";
import type { Invocation } from "./command.js";

/** The gate that the settings ask for, on an open store of the workspace's own logs. */
export function qualityGate({ settings, io }: Pick<Invocation, "settings" | "io">, store: EventStore): QualityGate {
  return {
    store,
    hash: sha256,
    now: Date.now,
    ladder: settings.quality,
    folder: workspacePaths(settings.home).quality,
    onWarning: (text) => io.note(`${io.err.bad("quality")} ${text}`),
  };
}
