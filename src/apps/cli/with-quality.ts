import { sha256 } from "../../adapters/node-hash/sha256.js";
import type { DataRefusal } from "../../usecases/data-ports.js";
import type { QualityPorts } from "../../usecases/quality-log.js";
import { workspaceStore } from "../library/event-stores.js";
import type { CommandResult, Invocation } from "./command.js";
import { refused } from "./data-refusal.js";

/** Runs work on the workspace's quality log, and tells a refusal. */
export async function withQuality<T extends { readonly kind: string }>(
  { settings }: Pick<Invocation, "settings">,
  work: (ports: QualityPorts) => Promise<T | DataRefusal>,
  tell: (done: T) => CommandResult,
): Promise<CommandResult> {
  const store = workspaceStore(settings, process.env);
  try {
    const outcome = await work({ store, hash: sha256, now: Date.now });
    return isRefusal(outcome) ? { kind: "failed", failure: refused(outcome) } : tell(outcome);
  } finally {
    await store.close();
  }
}

function isRefusal(outcome: { readonly kind: string } | DataRefusal): outcome is DataRefusal {
  return outcome.kind === "refused";
}
