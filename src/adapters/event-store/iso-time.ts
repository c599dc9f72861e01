/** UTC milliseconds as ISO 8601 text, as `created_at` holds it. */
export function isoTime(millis: number): string {
  return new Date(millis).toISOString();
}
