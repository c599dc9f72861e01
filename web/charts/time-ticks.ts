/** Ticks of an axis whose points stand at equal distances, whatever time lies between them. Times are UTC. */
import { utcText } from "../../src/core/market/scan-time.js";
import { monthName } from "../text/format.js";
import type { Tick } from "./chart-view.js";
import { middle } from "./scale.js";

/** Ticks that a wide plot has at most. */
const MOST = 8;
/** Two labels nearer than this share of the width run into each other. */
const ROOM = 0.09;

/** Length of the prefix of `2024-01-31T14:30` that a tick stands for: year, month, day, hour, minute. */
const grains = [4, 7, 10, 13, 16] as const;

/** At most eight ticks where a year, month, day, hour or minute begins. */
export function timeTicks(ts: readonly number[]): readonly Tick[] {
  const texts = ts.map((time) => utcText(time).slice(0, 16));
  let chosen: { readonly starts: readonly number[]; readonly grain: number } = { starts: [], grain: 4 };
  for (const grain of grains) {
    const starts = texts.flatMap((text, i) => (i === 0 || text.slice(0, grain) !== texts[i - 1]?.slice(0, grain) ? [i] : []));
    if (starts.length > MOST && chosen.starts.length >= 3) break;
    const every = Math.ceil(starts.length / MOST);
    chosen = { starts: starts.filter((_, i) => i % every === 0), grain };
    if (starts.length > MOST) break;
  }
  const ticks: Tick[] = [];
  let before = "";
  for (const start of chosen.starts) {
    const at = middle(start, ts.length);
    const last = ticks.at(-1);
    if (last !== undefined && at - last.at < ROOM) {
      // The first point only happens to be where the data begin: what begins a period is worth more.
      if (ticks.length > 1 || chosen.starts[0] !== 0) continue;
      ticks.pop();
      before = "";
    }
    const text = texts[start] ?? "";
    ticks.push({ at, text: label(text, before, chosen.grain), minor: ticks.length % 2 === 1 });
    before = text;
  }
  return ticks;
}

/** Says what the tick before did not say already. */
function label(text: string, before: string, grain: number): string {
  const year = text.slice(0, 4);
  const month = monthName(Number(text.slice(5, 7)));
  const day = `${Number(text.slice(8, 10))} ${month}`;
  if (grain === 4) return year;
  if (grain === 7) return year === before.slice(0, 4) ? month : `${month} ${year}`;
  if (grain === 10) return day;
  return text.slice(0, 10) === before.slice(0, 10) ? text.slice(11) : day;
}
