/** How near a session came to the limits of its policy so far, folded from its tape alone: its bars stand there. */
import type { Sha256Fn } from "../core/tape/hash.js";
import type { EventStore } from "../ports/event-store.js";
import type { SessionInputs } from "../ports/session-inputs.js";
import { configOf } from "./recorded-run.js";
import { columnsOn, inputsOfSession, openSession, sessionOpening } from "./recorded-session.js";
import { type ExposureOutcome, type ExposureProgress, foldExposure } from "./risk-exposure.js";

export interface SessionExposurePorts {
  readonly sessions: EventStore;
  readonly inputs: Pick<SessionInputs, "text">;
  readonly hash: Sha256Fn;
}

/** @returns null where the workspace has no session of that name. @throws the signal's reason. */
export async function sessionExposure(
  { sessions, inputs, hash }: SessionExposurePorts,
  { session, ...progress }: ExposureProgress & { readonly session: string },
): Promise<ExposureOutcome | null> {
  const opened = await openSession(sessions, session);
  if (opened.kind === "none") return null;
  if (opened.kind === "unusable") return { kind: "unreadable", message: `the tape of ${opened.name} cannot be opened: ${opened.why}` };
  const { name, tape } = opened;
  try {
    const opening = await sessionOpening(tape);
    if (opening === null) return { kind: "unreadable", message: `the session ${name} has not begun` };
    const config = configOf(opening);
    const texts = await inputsOfSession(inputs, opening);
    if (typeof texts === "string") return { kind: "unreadable", message: `${name}: ${texts}` };
    const columns = new Map((await columnsOn(tape, opening)).map((own) => [own.symbol, own]));
    return await foldExposure({ name, tape, config, columns, inputs: texts, hash }, progress);
  } finally {
    await tape.close();
  }
}
