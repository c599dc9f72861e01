/** Brings commands of files and streams into a risk session, batch by batch, each durable before the next; what is refused keeps no other back. */
import type { CommandError } from "../core/session/command-firewall.js";
import type { PlacedCommand } from "../core/session/placed-command.js";
import type { Sha256Hex } from "../core/tape/hash.js";
import type { DataRefusal } from "./data-ports.js";
import type { RiskSession } from "./risk-session.js";

/** A command that was not taken. */
export interface RefusedCommand {
  readonly file: string;
  readonly line: number;
  readonly command_id: string;
  /** A code of the firewall, or `JSON_INVALID`. */
  readonly code: string;
  readonly message: string;
  readonly details: CommandError["details"];
}

/** What was made of all that came. */
export interface IngestReport {
  readonly kind: "ingested";
  readonly accepted: number;
  /** Known before, with the same content. */
  readonly repeated: number;
  readonly rejected: number;
  /** How many by code, in the order of the codes. */
  readonly codes: readonly { readonly code: string; readonly count: number }[];
  /** The first of them. */
  readonly refused: readonly RefusedCommand[];
  /** Whether it was stopped before the end. What was taken until then is durable. */
  readonly stopped: boolean;
  readonly state_version: number;
  readonly state_hash: Sha256Hex;
}

/** Most refusals that are told one by one; all are counted. */
const NAMED = 100;

/** Terms of an ingestion. */
export interface IngestTerms {
  readonly signal: AbortSignal;
  /** Told after each batch how many commands were looked at. */
  readonly onProgress: (commands: number) => void;
}

/** @returns refused where the store took nothing of a batch; those before it stay taken, and sending all again counts none twice. */
export async function ingestCommands(
  session: RiskSession,
  batches: AsyncIterable<readonly PlacedCommand[]> | Iterable<readonly PlacedCommand[]>,
  { signal, onProgress }: IngestTerms,
): Promise<IngestReport | DataRefusal> {
  const counts = { accepted: 0, repeated: 0, rejected: 0 };
  const codes = new Map<string, number>();
  const refused: RefusedCommand[] = [];
  const refuse = (one: RefusedCommand): void => {
    counts.rejected += 1;
    codes.set(one.code, (codes.get(one.code) ?? 0) + 1);
    if (refused.length < NAMED) refused.push(one);
  };
  let stopped = signal.aborted;
  if (!stopped)
    for await (const batch of batches) {
      for (const { file, line, unreadable } of batch)
        if (unreadable !== null) refuse({ file, line, command_id: "", code: "JSON_INVALID", message: unreadable, details: [] });
      const readable = batch.filter(({ unreadable }) => unreadable === null);
      const done = await session.execute(readable.map(({ command }) => command));
      if (done.kind === "refused") return done;
      for (const [n, { status, error, command_id }] of done.outcomes.entries()) {
        if (status === "ACCEPTED") counts.accepted += 1;
        else if (status === "IDEMPOTENT_REPLAY") counts.repeated += 1;
        else {
          const { file = "", line = 0 } = readable[n] ?? {};
          refuse({ file, line, command_id, code: error?.code ?? "", message: error?.message ?? "", details: error?.details ?? [] });
        }
      }
      onProgress(counts.accepted + counts.repeated + counts.rejected);
      if (signal.aborted) {
        stopped = true;
        break;
      }
    }
  return {
    kind: "ingested",
    ...counts,
    codes: [...codes].map(([code, count]) => ({ code, count })).sort((a, b) => (a.code < b.code ? -1 : 1)),
    refused,
    stopped: stopped || signal.aborted,
    state_version: session.version,
    state_hash: session.stateHash(),
  };
}
