import type { Basis } from "../../../src/core/report/tear-sheet.js";
import { count, day, moment } from "../../text/format.js";

const ONE: Readonly<Record<Basis["of"], string>> = {
  bars: "bar",
  "bar closes": "bar close",
  "session returns": "session return",
  trades: "trade",
  fills: "fill",
};

/** What a chart rests on: how many observations, from when to when, and how many stand behind one drawn point. */
export function basisText({ of, n, from, to, per_point }: Basis, kind = "point"): string {
  const noun = n === 1 ? ONE[of] : of;
  const when = of === "bars" || of === "bar closes" ? moment : day;
  const range = from === null || to === null ? "" : from === to ? `, ${when(from)}` : `, ${when(from)} to ${when(to)}`;
  const drawn = per_point === 1 ? "" : `. Each ${kind} stands for ${count(per_point)} of them; statistics use every one`;
  return `n = ${count(n)} ${noun}${range}${drawn}.`;
}
