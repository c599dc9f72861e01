/** What a thread that proves parts of a log is told, and what it answers: each message once, in order. */
import type { ChainPart, PartProof } from "../../core/tape/chain-part.js";
import type { PackedEvents } from "../event-store/log-backend.js";

export type ChainWork =
  | { readonly kind: "part"; readonly part: ChainPart }
  | { readonly kind: "events"; readonly events: PackedEvents }
  | { readonly kind: "end" };

/** Of a part and of events: whether it may still be proved. Of its end: the proof, or null. */
export type ChainAnswer = boolean | PartProof | null;
