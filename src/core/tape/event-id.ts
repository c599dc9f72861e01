import type { UtcMillis } from "./event.js";
import type { Sha256Fn, Sha256Hex } from "./hash.js";

/** Domain and version of the id derivation. */
export const EVENT_ID_PREFIX = "onetape:id:v1\n";

/** Times that fit the id's 48 bits (two's complement) lie in [-2^47, 2^47), the years -2490 to 6429. */
export const MIN_EVENT_TIME: UtcMillis = -140_737_488_355_328;
export const MAX_EVENT_TIME: UtcMillis = 140_737_488_355_327;

const VARIANT = "89ab89ab89ab89ab";

/**
 * The id of an event: a UUIDv8 whose first 48 bits are its time in milliseconds and whose other 74 free bits are those of
 * SHA-256 over log, command and the event's index within the command.
 *
 * The last 10 bytes are the digest's first 10, with the version and variant bits of RFC 9562 set over them.
 *
 * @param occurredAt UTC milliseconds in [{@link MIN_EVENT_TIME}, {@link MAX_EVENT_TIME}].
 * @param log name of the log, printable ASCII.
 * @param command command id, printable ASCII, unique in the log.
 * @param index position of the event within its command, from 0.
 * @returns 36 lower-case characters.
 */
export function eventId(occurredAt: UtcMillis, log: string, command: string, index: number, sha256: Sha256Fn): string {
  return formatEventId(timeDigits(occurredAt), sha256(`${EVENT_ID_PREFIX}${log}\n${command}\n${index}`));
}

/** The 12 hexadecimal digits that a time contributes to an id. */
export function timeDigits(occurredAt: UtcMillis): string {
  const unsigned = occurredAt < 0 ? occurredAt + 281_474_976_710_656 : occurredAt;
  return unsigned.toString(16).padStart(12, "0");
}

/** Puts time digits and a digest together; see {@link eventId}. */
export function formatEventId(time: string, digest: Sha256Hex): string {
  const variant = VARIANT.charAt(Number.parseInt(digest.charAt(4), 16));
  return `${time.slice(0, 8)}-${time.slice(8)}-8${digest.slice(1, 4)}-${variant}${digest.slice(5, 8)}-${digest.slice(8, 20)}`;
}

/** The time that an id derived by {@link eventId} carries. */
export function timeOfEventId(id: string): UtcMillis {
  const unsigned = Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16);
  return unsigned > MAX_EVENT_TIME ? unsigned - 281_474_976_710_656 : unsigned;
}
