import type { UtcMillis } from "../../tape/event.js";
import type { Calendar, Session } from "../calendar.js";
import { type CivilDay, dayOfText, formatDay, MS_PER_DAY } from "../civil-date.js";

/** What a calendar with listed sessions is made of. */
export interface SessionTableSource {
  readonly id: string;
  readonly version: string;
  /** First and last session date. */
  readonly covers: { readonly from: string; readonly to: string };
  /** Session day by day: null on a closed one. Sessions never overlap and ascend with the day. */
  sessionOfDay(day: CivilDay): Session | null;
  /** Local minus UTC time of the exchange, in milliseconds. */
  localOffset(ts: UtcMillis): number;
  /** The instants `(after, until]` that `covers` stands for. */
  readonly reach: { readonly after: UtcMillis; readonly until: UtcMillis };
}

/**
 * A calendar that lists its sessions once, at the first question.
 *
 * The last answer is kept, so that ascending questions cost a comparison; any other order costs a binary search.
 */
export function sessionTable(source: SessionTableSource): Calendar {
  const { id, version, covers, reach } = source;
  const firstDay = dayOfText(covers.from);
  const lastDay = dayOfText(covers.to);
  let table: readonly Session[] | null = null;

  // The stretch that the last answer holds for: instants after `lower` up to `upper`, of which those after `open` are in `session`.
  let lower = Number.POSITIVE_INFINITY;
  let upper = Number.NEGATIVE_INFINITY;
  let open = Number.POSITIVE_INFINITY;
  let session: Session | null = null;
  let next = 0;

  let dayAfter = Number.POSITIVE_INFINITY;
  let dayUntil = Number.NEGATIVE_INFINITY;
  let dayText = "";

  function sessions(): readonly Session[] {
    if (table !== null) return table;
    const rows: Session[] = [];
    for (let day = firstDay; day <= lastDay; day++) {
      const row = source.sessionOfDay(day);
      if (row !== null) rows.push(Object.freeze(row));
    }
    table = rows;
    return rows;
  }

  function checkReach(ts: UtcMillis): void {
    if (ts > reach.after && ts <= reach.until) return;
    throw new RangeError(`calendar ${id} ${version} covers ${covers.from} to ${covers.to}; a bar closing at ${ts} lies outside`);
  }

  /** Makes `rows[index]`, the first session that closes at or after an instant, the last answer. */
  function settle(rows: readonly Session[], index: number): void {
    const found = rows[index];
    lower = rows[index - 1]?.close ?? reach.after;
    upper = found?.close ?? reach.until;
    open = found?.open ?? Number.POSITIVE_INFINITY;
    session = found ?? null;
    next = index + 1;
  }

  function sessionAt(ts: UtcMillis): Session | null {
    if (ts <= upper && ts > lower) return ts > open ? session : null;
    checkReach(ts);
    const rows = sessions();
    if (ts > upper && next <= rows.length && ts <= (rows[next]?.close ?? reach.until)) settle(rows, next);
    else settle(rows, firstClosingAfter(rows, ts, false));
    return ts > open ? session : null;
  }

  return {
    id,
    version,
    covers,
    sessionAt,
    sessionDay(ts: UtcMillis): string {
      const regular = sessionAt(ts);
      if (regular !== null) return regular.id;
      if (ts > dayAfter && ts <= dayUntil) return dayText;
      // A bar that closes at midnight belongs to the day that ends.
      const instant = ts - 1;
      const offset = source.localOffset(instant);
      const day = Math.floor((instant + offset) / MS_PER_DAY);
      dayText = formatDay(day);
      dayAfter = day * MS_PER_DAY - offset;
      dayUntil = dayAfter + MS_PER_DAY;
      // A clock change makes the day longer or shorter: such a day is not kept.
      if (source.localOffset(dayAfter) !== offset || source.localOffset(dayUntil - 1) !== offset) dayUntil = dayAfter;
      return dayText;
    },
    sessionOn(text: string): Session | null {
      const day = dayOfText(text);
      if (day < firstDay || day > lastDay)
        throw new RangeError(`calendar ${id} ${version} covers ${covers.from} to ${covers.to}, not ${text}`);
      return source.sessionOfDay(day);
    },
    sessionsBetween(from: UtcMillis, to: UtcMillis): readonly Session[] {
      if (!(from >= reach.after && to <= reach.until)) {
        throw new RangeError(`calendar ${id} ${version} covers ${covers.from} to ${covers.to}; the range ${from} to ${to} leaves it`);
      }
      const rows = sessions();
      return rows.slice(firstClosingAfter(rows, from, true), firstClosingAfter(rows, to, true));
    },
  };
}

/** Index of the first session that closes at or after `ts`, or strictly after it. */
function firstClosingAfter(rows: readonly Session[], ts: UtcMillis, strictly: boolean): number {
  let low = 0;
  let high = rows.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const close = rows[middle]?.close ?? Number.POSITIVE_INFINITY;
    if (strictly ? close <= ts : close < ts) low = middle + 1;
    else high = middle;
  }
  return low;
}
