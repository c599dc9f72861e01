/** Anchors outside the store: no chain shows that its tail was cut off, or that all of it was made again; a head that was told elsewhere does. */
import type { Head } from "../core/tape/event.js";
import type { AnchorBook, AnchorSigner, AnchorVerifier, BadAnchorLine, PublishedAnchor } from "../ports/anchor-book.js";
import type { EventStore, LogSession, OpenOptions, OpenOutcome } from "../ports/event-store.js";
import { hashAt } from "./believed-snapshots.js";
import { overlaid } from "./overlaid.js";

/** What a signature covers. */
export function signedText({ log, position, hash, time }: Omit<PublishedAnchor, "signature">): string {
  return `onetape:published-anchor:v1\n${log}\n${position}\n${hash}\n${time}`;
}

/** A head as an anchor. @param now wall clock in UTC milliseconds. */
export function anchorOf(log: string, { position, hash }: Head, now: number, signer: AnchorSigner | null): PublishedAnchor {
  const unsigned = { log, position, hash, time: new Date(now).toISOString() };
  return { ...unsigned, signature: signer === null ? null : signer.sign(signedText(unsigned)) };
}

export type AnchorFaultCode =
  | "ANCHOR_TAIL_CUT"
  | "ANCHOR_HISTORY"
  | "ANCHOR_FORGED"
  | "ANCHOR_UNSIGNED"
  | "ANCHOR_LINE"
  | "ANCHOR_LOG_MISSING";

export interface AnchorFault {
  readonly code: AnchorFaultCode;
  readonly log: string | null;
  readonly position: number | null;
  readonly message: string;
}

/** Compares a log with what was published of it. @param verifier null asks for no signatures. */
export async function checkAnchors(
  session: LogSession,
  anchors: readonly PublishedAnchor[],
  verifier: AnchorVerifier | null,
): Promise<{ readonly checked: number; readonly faults: readonly AnchorFault[] }> {
  const { log } = session;
  const head = await session.refresh();
  const own = new Map((await session.anchors()).map(({ position, hash }) => [position, hash]));
  const faults: AnchorFault[] = [];
  const of = anchors.filter((anchor) => anchor.log === log);
  for (const anchor of of) {
    const { position, hash, time } = anchor;
    const say = (code: AnchorFaultCode, message: string): void => {
      faults.push({ code, log, position, message });
    };
    if (verifier !== null) {
      if (anchor.signature === null) say("ANCHOR_UNSIGNED", `the anchor of ${log} at position ${position} is not signed`);
      else if (!verifier.holds(signedText(anchor), anchor.signature)) {
        say("ANCHOR_FORGED", `the anchor of ${log} at position ${position} was not signed with this key, or was changed`);
        continue;
      }
    }
    if (position > head.position) {
      say(
        "ANCHOR_TAIL_CUT",
        `${log} ends at position ${head.position}, and ended at ${position} on ${time}: its tail was cut off, or an older copy was restored`,
      );
      continue;
    }
    const actual = position === 0 ? hash : (own.get(position) ?? (await hashAt(session, position)));
    if (actual !== hash)
      say(
        "ANCHOR_HISTORY",
        `${log} has the hash ${actual ?? "of nothing"} at position ${position}, and had ${hash} on ${time}: its history was made again`,
      );
  }
  return { checked: of.length, faults };
}

/** Faults of the book itself: lines that are no anchors, and logs that are gone. */
export function checkBook(
  { anchors, bad }: { readonly anchors: readonly PublishedAnchor[]; readonly bad: readonly BadAnchorLine[] },
  logs: readonly string[],
): readonly AnchorFault[] {
  const gone = [...new Set(anchors.map(({ log }) => log))].filter((log) => !logs.includes(log));
  return [
    ...bad.map(({ line }) => ({
      code: "ANCHOR_LINE" as const,
      log: null,
      position: null,
      message: `line ${line} of the anchors is no anchor`,
    })),
    ...gone.map((log) => ({
      code: "ANCHOR_LOG_MISSING" as const,
      log,
      position: null,
      message: `anchors were published of ${log}, and there is no such log`,
    })),
  ];
}

export interface AnchorPolicy {
  readonly book: AnchorBook;
  readonly signer: AnchorSigner | null;
  /** Events between two anchors; one is published at each close in any case. */
  readonly every: number;
  readonly now: () => number;
  /** Told where an anchor could not be published: the log goes on. */
  readonly onFailure: (log: string, why: string) => void;
}

/** A store whose writers publish anchors by policy. Everything else is the store's own. */
export function anchoringStore<S extends EventStore>(store: S, policy: AnchorPolicy): S {
  const open = async (options: OpenOptions): Promise<OpenOutcome> => {
    const opened = await store.open(options);
    if (opened.kind !== "opened" || options.mode === "read") return opened;
    return { kind: "opened", session: anchoring(opened.session, policy) };
  };
  const replaced: Partial<EventStore> = { open };
  return overlaid(store, replaced as Partial<S>);
}

function anchoring(session: LogSession, { book, signer, every, now, onFailure }: AnchorPolicy): LogSession {
  let published = session.head().position;
  let closed = false;
  const publish = async (head: Head): Promise<void> => {
    published = head.position;
    try {
      await book.append([anchorOf(session.log, head, now(), signer)]);
    } catch (error) {
      onFailure(session.log, error instanceof Error ? error.message : String(error));
    }
  };
  const after = async <T extends { readonly kind: string }>(outcome: T): Promise<T> => {
    if (outcome.kind === "stored" && session.head().position - published >= every) await publish(session.head());
    return outcome;
  };
  return overlaid(session, {
    append: async (batches) => after(await session.append(batches)),
    appendBlock: async (block) => after(await session.appendBlock(block)),
    close: async () => {
      const head = session.head();
      await session.close();
      if (!closed && head.position > published) await publish(head);
      closed = true;
    },
  });
}
