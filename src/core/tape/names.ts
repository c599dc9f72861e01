/**
 * Names on the tape: logs, streams, event types, command and correlation ids.
 *
 * Everything that is hashed besides payloads is printable ASCII, so its length in characters is its length in bytes.
 */

const NAME = /^[A-Za-z0-9._:@+-]+(?:\/[A-Za-z0-9._:@+-]+)*$/;
const DOTS_ONLY = /(?:^|\/)\.{1,2}(?:\/|$)/;
const EVENT_ID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const NIL_ID = "00000000-0000-0000-0000-000000000000";

/** Longest log name, stream name, type, command id or correlation id, in characters. */
export const MAX_NAME_LENGTH = 200;

/** What {@link isTapeName} demands, for error messages. */
export const NAME_EXPECTATION: string = `segments of letters, digits and . _ : @ + - joined by "/", at most ${MAX_NAME_LENGTH} characters, no "." or ".." segment`;

/** Whether a text may name a log, a stream or an event type. */
export function isTapeName(text: string): boolean {
  return text.length <= MAX_NAME_LENGTH && NAME.test(text) && !DOTS_ONLY.test(text);
}

/** Whether a text may be a command or correlation id: 1 to 200 printable ASCII characters. */
export function isOpaqueId(text: string): boolean {
  const length = text.length;
  if (length === 0 || length > MAX_NAME_LENGTH) return false;
  for (let i = 0; i < length; i++) {
    const unit = text.charCodeAt(i);
    if (unit < 0x20 || unit > 0x7e) return false;
  }
  return true;
}

/** Whether a text is a lower-case UUID other than the nil UUID. */
export function isEventId(text: string): boolean {
  return EVENT_ID.test(text) && text !== NIL_ID;
}

/** The stream name as it is stored and hashed: it carries its log, so that it is unique over many logs. */
export function storedStream(log: string, stream: string): string {
  return `${log}/${stream}`;
}

/** The inverse of {@link storedStream} for one log, or null where the stored name belongs elsewhere. */
export function streamWithinLog(log: string, stored: string): string | null {
  return stored.startsWith(`${log}/`) ? stored.slice(log.length + 1) : null;
}
