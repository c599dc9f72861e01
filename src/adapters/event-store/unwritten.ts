import type { BlockOutcome } from "../../ports/event-store.js";

/** What a write came to where nothing is known to be stored, in words that every kind of append shares. */
export type Unwritten = Extract<BlockOutcome, { readonly kind: "fenced" | "rejected" | "unknown" | "unavailable" }>;

/** Whether an outcome is one that every kind of append shares. */
export function isUnwritten(value: object): value is Unwritten {
  return (
    "kind" in value && (value.kind === "fenced" || value.kind === "rejected" || value.kind === "unknown" || value.kind === "unavailable")
  );
}
