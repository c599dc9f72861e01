/** What the events of a session ask to be told. */
import { runEventDefinitions } from "../core/engine/run-event-schemas.js";
import type { NotificationRequested } from "../core/gate/risk-events.js";
import type { EventBlock } from "../core/tape/block.js";
import { digestsOf, ID_LENGTH } from "../core/tape/block-digests.js";
import type { TapeEvent } from "../core/tape/event.js";
import type { Sha256Fn } from "../core/tape/hash.js";
import type { LogSession } from "../ports/event-store.js";
import type { Notification } from "../ports/notifier.js";

const TYPE = "notification.requested";
const INDEX = runEventDefinitions.findIndex(({ type }) => type === TYPE);

/** Everything that a tape asks for so far, in order. */
export async function requestedNotifications(tape: Pick<LogSession, "readLog">): Promise<readonly Notification[]> {
  const found: Notification[] = [];
  for await (const event of tape.readLog({ types: [TYPE] })) found.push(notificationOf(event));
  return found;
}

/** What the events of a block ask for, from index `from` on. */
export function notificationsIn(block: EventBlock, log: string, from: number, hash: Sha256Fn): readonly Notification[] {
  if (!block.types.includes(INDEX)) return [];
  const { ids } = block.digests ?? digestsOf(block, log, hash);
  return Array.from(block.types, (type, i) => ({ type, i }))
    .filter(({ type, i }) => type === INDEX && i >= from)
    .map(({ i }) => {
      const payload = block.payloads.slice(i === 0 ? 0 : block.payload_ends[i - 1], block.payload_ends[i]);
      return notificationOf({ id: ids.slice(ID_LENGTH * i, ID_LENGTH * (i + 1)), payload });
    });
}

/** The tape has checked the payload against the schema of its type. */
function notificationOf({ id, payload }: Pick<TapeEvent, "id" | "payload">): Notification {
  return { id, ...(JSON.parse(payload) as NotificationRequested) };
}
