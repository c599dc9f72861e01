const DAY_MS = 86_400_000;

/**
 * A `from` or `to` as an inclusive close time in UTC milliseconds.
 *
 * A bare date means the bars of that UTC day: as `from` the first bar that closes after its midnight, as `to` the bar
 * that closes at the next midnight.
 *
 * @returns null when the text names no moment of the calendar.
 */
export function parseMoment(text: string, edge: "from" | "to"): number | null {
  const match = /^(\d{4})-(\d{2})-(\d{2})(?:T(\d{2}):(\d{2})(?::(\d{2})(?:\.(\d{1,3}))?)?(?:Z|([+-])(\d{2}):(\d{2})))?$/.exec(text);
  if (match === null) return null;
  const part = (index: number): number => Number(match[index] ?? "0");
  const [year, month, day] = [part(1), part(2), part(3)];
  const midnight = Date.UTC(year, month - 1, day);
  const read = new Date(midnight);
  if (read.getUTCMonth() !== month - 1 || read.getUTCDate() !== day || read.getUTCFullYear() !== year) return null;
  if (match[4] === undefined) return edge === "from" ? midnight + 1 : midnight + DAY_MS;
  const [hour, minute, second] = [part(4), part(5), part(6)];
  if (hour > 23 || minute > 59 || second > 59 || part(9) > 23 || part(10) > 59) return null;
  const offset_ms = (match[8] === "-" ? -1 : 1) * (part(9) * 60 + part(10)) * 60_000;
  const milliseconds = Number((match[7] ?? "").padEnd(3, "0"));
  return midnight + ((hour * 60 + minute) * 60 + second) * 1000 + milliseconds - offset_ms;
}

/** Whether a name is an IANA time zone. */
export function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat("en", { timeZone: name });
    return true;
  } catch {
    return false;
  }
}
