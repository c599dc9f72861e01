/** Furthest instant from 1970 that ECMAScript dates reach, in milliseconds. */
const LAST_DATE = 8.64e15;

/** UTC milliseconds as ISO 8601 text, as `created_at` holds it; a number beyond all dates, which only damage leaves, as its digits. */
export function isoTime(millis: number): string {
  return Math.abs(millis) <= LAST_DATE ? new Date(millis).toISOString() : String(millis);
}
