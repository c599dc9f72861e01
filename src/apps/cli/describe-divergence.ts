import type { Divergence } from "../../core/tape/divergence.js";
import type { TapeEvent } from "../../core/tape/event.js";

/** The first difference of two tapes in words. */
export function describeDivergence(divergence: Divergence): string {
  if (divergence.kind === "equal") return `the tapes are equal up to position ${divergence.position}`;
  const { position, left, right, fields } = divergence;
  if (left === null || right === null) return `position ${position}: ${side("stored", left)}, ${side("new", right)}`;
  return `position ${position}: ${fields.join(" and ")} of ${left.type} differ${fields.length === 1 ? "s" : ""}; stored ${left.payload}, new ${right.payload}`;
}

function side(name: string, event: TapeEvent | null): string {
  return event === null ? `the ${name} tape has ended` : `the ${name} tape goes on with ${event.type}`;
}
