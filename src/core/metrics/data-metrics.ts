/** How complete the bars were, on the exchanges' own calendars. */
import { apply, type Expression, fold } from "./expression.js";
import { type MetricDefinition, type MetricInput, metric, ok, undefinedBecause } from "./metric.js";
import type { Observations } from "./observations.js";
import type { DataMeasure } from "./run-measures.js";

function ofSymbols({ run }: MetricInput, of: string, value: (data: DataMeasure) => number): Observations {
  return {
    of,
    values: run.data.map(value),
    source: (i) => ({ label: `${run.data[i]?.symbol ?? ""} on ${run.data[i]?.calendar ?? ""}`, events: run.data[i]?.events ?? [] }),
  };
}

function total(of: string, value: (data: DataMeasure) => number): (input: MetricInput) => Expression {
  return (input) => fold(`sum of ${of}`, { how: "sum" }, ofSymbols(input, of, value));
}

const expected = total("bars expected", (d) => d.expected);
const present = total("bars present", (d) => d.present);

export const dataMetrics: readonly MetricDefinition[] = [
  metric(
    ["dq.expected", "Bars expected", "count"],
    "Bars of regular sessions by the exchanges' calendars, from the first delivered session of a symbol to its last, all symbols.",
    (input) => ok(expected(input)),
  ),
  metric(["dq.present", "Bars present", "count"], "Bars of regular sessions that were delivered, all symbols.", (input) =>
    ok(present(input)),
  ),
  metric(["dq.missing", "Bars missing", "count"], "`dq.expected` - `dq.present`. Missing bars are never filled.", (input) =>
    ok(apply("subtract", expected(input), present(input))),
  ),
  metric(
    ["dq.completeness", "Completeness", "fraction"],
    "`dq.present` / `dq.expected`.",
    (input) => {
      if (input.run.data.every((d) => d.expected === 0)) return undefinedBecause("NO_BARS", 0);
      return ok(apply("divide", present(input), expected(input)));
    },
    { reasons: ["NO_BARS"] },
  ),
  metric(["dq.outside", "Bars outside sessions", "count"], "Bars outside regular sessions; in no other figure of this group.", (input) =>
    ok(total("bars outside", (d) => d.outside)(input)),
  ),
  metric(
    ["dq.empty_sessions", "Sessions without bars", "count"],
    "Regular sessions between the first and the last without a bar, all symbols.",
    (input) => ok(total("sessions without bars", (d) => d.empty_sessions)(input)),
  ),
  metric(
    ["dq.short_sessions", "Sessions with gaps", "count"],
    "Regular sessions that have some bars and lack others, all symbols.",
    (input) => ok(total("sessions with gaps", (d) => d.short_sessions)(input)),
  ),
];
