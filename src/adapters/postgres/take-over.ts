/** How a writer takes a log: it locks the head, sees that the log ends where it should, and raises the epoch. */
import type { Anchor, Head } from "../../core/tape/event.js";
import { GENESIS_HASH } from "../../core/tape/hash.js";
import type { LogLayout, OpenOptions, OpenOutcome } from "../../ports/event-store.js";
import type { PostgresConnection } from "./postgres-connection.js";
import type { PostgresLayout } from "./postgres-layout.js";
import type { Ask, PostgresStanding } from "./postgres-log.js";
import { bytea, readAnchors, readStanding } from "./postgres-log.js";

export type Refusal = Exclude<OpenOutcome, { readonly kind: "opened" }>;

export type Taken = { readonly kind: "taken"; readonly standing: PostgresStanding; readonly layout: PostgresLayout } | Refusal;

export interface TakeOver {
  readonly log: string;
  readonly layout: LogLayout;
  readonly expected_head: OpenOptions["expected_head"] | null;
  readonly layoutOf: (layout: LogLayout) => PostgresLayout;
  readonly now: () => number;
}

const NEW_LOG = `INSERT INTO log_head (log_id, layout, epoch, position, head_hash, content_hash, audit_hash, updated_at)
VALUES ($1, $2, 0, 0, $3, $3, $3, $4) ON CONFLICT ON CONSTRAINT log_head_pkey DO NOTHING`;
const RAISE = "UPDATE log_head SET epoch = epoch + 1 WHERE log_id = $1";

/** Opens or creates a log and fences the writer before: what that one has under way is settled when this returns. @throws {BackendFailure} */
export async function takeOver(connection: PostgresConnection, request: TakeOver): Promise<Taken> {
  const ask: Ask = (text, values, name) => connection.query(text, values, name);
  const work = async (): Promise<Taken> => {
    const { log } = request;
    await ask(NEW_LOG, [log, request.layout, bytea(GENESIS_HASH), Math.trunc(request.now())]);
    const standing = await readStanding(ask, log, true);
    if (standing === null) return { kind: "corrupt", position: null, cause: `the log ${log} has no head` };
    const layout = request.layoutOf(standing.layout);
    const refusal = refuseHead(standing.head, request.expected_head) ?? (await refuseDamage(ask, layout, standing, log));
    // A log that was made a moment ago and is refused must not stay.
    if (refusal !== null) throw new Refused(refusal);
    await ask(RAISE, [log]);
    return { kind: "taken", standing: { ...standing, epoch: standing.epoch + 1 }, layout };
  };
  try {
    return await connection.transaction("BEGIN", work);
  } catch (error) {
    if (error instanceof Refused) return error.refusal;
    throw error;
  }
}

/** Ends a transaction with a refusal. */
class Refused extends Error {
  readonly refusal: Refusal;

  constructor(refusal: Refusal) {
    super(refusal.kind);
    this.refusal = refusal;
  }
}

export type Resumed =
  | { readonly kind: "resumed"; readonly standing: PostgresStanding }
  | { readonly kind: "fenced"; readonly epoch: number }
  /** The log does not stand where its writer left it. */
  | { readonly kind: "elsewhere"; readonly cause: string };

/**
 * Takes a log up again after its writer lost the connection.
 *
 * The epoch is raised, so a statement that is still on its way finds it changed and writes nothing. What the server has may be the last
 * acknowledged head or the one that was under way; anything else is another history, as after a fail-over to a standby that lagged behind
 * or a restored backup, and is refused.
 *
 * @throws {BackendFailure}
 */
export async function resumeLog(
  connection: PostgresConnection,
  log: string,
  epoch: number,
  heads: readonly (Head | null)[],
): Promise<Resumed> {
  const ask: Ask = (text, values, name) => connection.query(text, values, name);
  return connection.transaction("BEGIN", async () => {
    const standing = await readStanding(ask, log, true);
    if (standing === null) return { kind: "elsewhere", cause: `the log ${log} is gone from the server` };
    if (standing.epoch !== epoch) return { kind: "fenced", epoch: standing.epoch };
    const { head } = standing;
    if (!heads.some((known) => known !== null && known.position === head.position && known.hash === head.hash)) {
      const cause = `the log ${log} stands at position ${head.position}, where this writer never left it (it acknowledged position ${heads[0]?.position ?? 0}): was an older copy restored, or a standby promoted that lagged behind?`;
      return { kind: "elsewhere", cause };
    }
    await ask(RAISE, [log]);
    return { kind: "resumed", standing: { ...standing, epoch: epoch + 1 } };
  });
}

export function refuseHead(head: Head, expected: TakeOver["expected_head"]): Refusal | null {
  if (expected === null || expected === undefined) return null;
  if (expected.position === head.position && expected.hash === head.hash) return null;
  return { kind: "head_mismatch", expected, actual: head };
}

/** Compares the three places that remember where the log ends. Everything before is the business of verification. */
async function refuseDamage(ask: Ask, layout: PostgresLayout, standing: PostgresStanding, log: string): Promise<Refusal | null> {
  const { head } = standing;
  const corrupt = (position: number, cause: string): Refusal => ({ kind: "corrupt", position, cause });
  const last: Anchor | undefined = (await readAnchors(ask, log, true))[0];
  const anchored =
    last === undefined
      ? head.position === 0 && head.hash === GENESIS_HASH
      : last.position === head.position && last.hash === head.hash && last.audit_hash === standing.audit_hash;
  if (!anchored)
    return corrupt(head.position, `the head at position ${head.position} differs from the last anchor, at position ${last?.position ?? 0}`);
  const end = await layout.end(ask);
  if (end.position !== head.position) {
    const cause = `the head is at position ${head.position}, the last event at ${end.position}`;
    return corrupt(Math.min(end.position, head.position) + 1, cause);
  }
  if (end.hash !== null && end.hash !== head.hash) return corrupt(head.position, "the last event does not have the hash of the head");
  if (last === undefined || standing.epoch >= last.epoch) return null;
  return corrupt(head.position, `the head is at epoch ${standing.epoch}, the last block was written in epoch ${last.epoch}`);
}
