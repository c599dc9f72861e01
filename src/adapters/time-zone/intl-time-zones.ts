import type { LocalClock } from "../../core/market/stamp-reader.js";
import type { TimeZones } from "../../ports/time-zones.js";

const DAY_MS = 86_400_000;
const UTC_NAMES = new Set(["utc", "etc/utc", "gmt", "etc/gmt", "z", "zulu", "etc/zulu"]);

/** Time zones by `Intl`, whose data come with Node. Offsets are asked once a day of local time and then kept. */
export const intlTimeZones: TimeZones = {
  version: process.versions["tz"] ?? "unknown",
  open(name) {
    if (UTC_NAMES.has(name.toLowerCase())) return utcClock;
    let format: Intl.DateTimeFormat;
    try {
      format = new Intl.DateTimeFormat("en-US-u-ca-gregory-nu-latn", {
        timeZone: name,
        hourCycle: "h23",
        era: "short",
        year: "numeric",
        month: "2-digit",
        day: "2-digit",
        hour: "2-digit",
        minute: "2-digit",
        second: "2-digit",
      });
    } catch {
      return null;
    }
    return new IntlClock(name, format);
  },
};

const utcClock: LocalClock = {
  zone: "UTC",
  toUtc: (local) => local,
  candidates: (local) => {
    throw new RangeError(`UTC has no clock changes, asked about ${local}`);
  },
};

/** Offsets of one UTC day: one where they agree all day, else the moment of the change and both. */
interface DayOffsets {
  readonly before: number;
  /** UTC milliseconds, or Infinity on a day without change. */
  readonly change: number;
  readonly after: number;
}

class IntlClock implements LocalClock {
  readonly zone: string;
  readonly #format: Intl.DateTimeFormat;
  readonly #days = new Map<number, DayOffsets>();
  #quietDay = Number.NaN;
  #quietOffset = 0;

  constructor(zone: string, format: Intl.DateTimeFormat) {
    this.zone = zone;
    this.#format = format;
  }

  toUtc(local: number): number {
    const day = Math.floor(local / DAY_MS);
    if (day === this.#quietDay) return local - this.#quietOffset;
    const offsets = this.#offsetsAround(day);
    const first = offsets[0];
    if (first !== undefined && offsets.every((offset) => offset === first)) {
      this.#quietDay = day;
      this.#quietOffset = first;
      return local - first;
    }
    const readings = this.#readings(local, offsets);
    return readings.length === 1 ? (readings[0] as number) : Number.NaN;
  }

  candidates(local: number): { kind: "ambiguous" | "missing"; earlier: number; later: number } {
    const offsets = this.#offsetsAround(Math.floor(local / DAY_MS));
    const readings = this.#readings(local, offsets);
    if (readings.length > 1) return { kind: "ambiguous", earlier: Math.min(...readings), later: Math.max(...readings) };
    return { kind: "missing", earlier: local - Math.max(...offsets), later: local - Math.min(...offsets) };
  }

  /** The instants at which the wall shows `local`, ascending without repetition. */
  #readings(local: number, offsets: readonly number[]): number[] {
    const found = new Set<number>();
    for (const offset of offsets) if (this.#offsetAt(local - offset) === offset) found.add(local - offset);
    return [...found].sort((a, b) => a - b);
  }

  /** Every offset in force on the UTC days that a local day can touch. */
  #offsetsAround(localDay: number): number[] {
    const found: number[] = [];
    for (let day = localDay - 1; day <= localDay + 1; day++) {
      const { before, after } = this.#day(day);
      found.push(before, after);
    }
    return found;
  }

  #offsetAt(utc: number): number {
    const { before, change, after } = this.#day(Math.floor(utc / DAY_MS));
    return utc < change ? before : after;
  }

  #day(day: number): DayOffsets {
    const known = this.#days.get(day);
    if (known !== undefined) return known;
    const start = day * DAY_MS;
    const before = this.#ask(start);
    const after = this.#ask(start + DAY_MS - 1000);
    let change = Number.POSITIVE_INFINITY;
    if (before !== after) {
      let low = start;
      change = start + DAY_MS - 1000;
      while (change - low > 1000) {
        const middle = low + Math.floor((change - low) / 2000) * 1000;
        if (this.#ask(middle) === before) low = middle;
        else change = middle;
      }
    }
    const offsets = { before, change, after };
    this.#days.set(day, offsets);
    return offsets;
  }

  /** Offset from UTC in milliseconds at a whole second. */
  #ask(utc: number): number {
    const parts = new Map<string, string>();
    for (const part of this.#format.formatToParts(utc)) parts.set(part.type, part.value);
    const read = (name: string): number => Number(parts.get(name));
    const year = parts.get("era") === "BC" ? 1 - read("year") : read("year");
    const wall = new Date(0);
    wall.setUTCFullYear(year, read("month") - 1, read("day"));
    wall.setUTCHours(read("hour"), read("minute"), read("second"));
    return wall.getTime() - utc;
  }
}
