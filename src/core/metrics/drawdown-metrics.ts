/** Falls below the running peak. The peak starts at the initial cash, so a loss in the first session counts. */
import { utcText } from "../market/scan-time.js";
import { type Drawdown, isDeeper, markOf, START } from "./equity-series.js";
import { apply, type Expression, fold, given, measured } from "./expression.js";
import { type Derivation, type MetricDefinition, type MetricInput, metric, ok, undefinedBecause } from "./metric.js";
import { chosen, type Observations } from "./observations.js";
import { returnReasons } from "./return-metrics.js";
import { ofFalls } from "./risk-metrics.js";

/** The largest fall at a session mark. */
export function deepestFall({ series }: MetricInput): Expression {
  return fold("largest fall", { how: "largest" }, series.falls);
}

/** Peak less trough. */
function depthInMoney({ run }: MetricInput, { peak, trough }: Drawdown): Expression {
  return apply("subtract", markOf(run, peak), markOf(run, trough));
}

/** Time of a mark, -1 being the start. */
function timeOf({ run }: MetricInput, index: number): Expression {
  const mark = run.marks[index];
  return mark === undefined
    ? given("start of the run", run.started_at, [START])
    : given(`close of ${mark.session}`, mark.ts, [mark.position]);
}

function ofDeepest(derive: (deepest: Drawdown, input: MetricInput) => Derivation): (input: MetricInput) => Derivation {
  return ofFalls((falls, input) =>
    input.series.deepest === null ? undefinedBecause("NO_DRAWDOWN", falls.values.length) : derive(input.series.deepest, input),
  );
}

/** Counts the marks below the peak in a drawdown. */
function marksUnder(name: string, falls: Observations, drawdown: Drawdown | null): Expression {
  const first = drawdown === null ? 0 : drawdown.peak + 1;
  const indices = Array.from({ length: drawdown?.under ?? 0 }, (_, i) => first + i);
  return fold(name, { how: "count" }, chosen(falls, indices));
}

function longest(drawdowns: readonly Drawdown[]): Drawdown | null {
  return drawdowns.reduce<Drawdown | null>((a, b) => (a === null || b.under > a.under ? b : a), null);
}

/** Depths of the drawdowns, one each. */
function depthsOf({ run, series: { drawdowns } }: MetricInput): Observations {
  return {
    of: "drawdown",
    values: drawdowns.map((d) => d.depth),
    source: (i) => {
      const { peak, trough } = drawdowns[i] as Drawdown;
      return {
        label: `trough of ${run.marks[trough]?.session ?? ""}`,
        events: [run.marks[peak]?.position ?? START, run.marks[trough]?.position ?? START],
      };
    },
  };
}

/** Falls at every bar close, as an explanation lists them. */
function fallsAtCloses({ run, detail }: MetricInput): Observations | null {
  if (detail === null) return null;
  const { equity, ts, events } = detail.closes;
  const values: number[] = [];
  let peak = run.initial_cash;
  for (let i = 0; i < equity.length; i++) {
    const at = equity[i] as bigint;
    if (at > peak) peak = at;
    values.push(at < peak ? Number(peak - at) / Number(peak) : 0);
  }
  return { of: "fall at a bar close", values, source: (i) => ({ label: utcText(ts[i] ?? 0), events: events(i) }) };
}

/** Drawdowns from the deepest to the shallowest; equal ones in time order. */
export function worstDrawdowns({ run, series: { drawdowns } }: MetricInput): readonly Drawdown[] {
  return drawdowns.toSorted((a, b) => (isDeeper(run, a, b) ? -1 : isDeeper(run, b, a) ? 1 : a.peak - b.peak));
}

export const drawdownMetrics: readonly MetricDefinition[] = [
  metric(
    ["dd.max", "Maximum drawdown", "fraction"],
    "Largest (peak - equity) / peak over the session marks; 0 where equity never fell.",
    ofFalls((falls, input) => ok(deepestFall(input), falls.values.length)),
    { notes: ["freqtrade looks at closed trades alone.", "`dd.max_bar` looks at every bar."], reasons: returnReasons },
  ),
  metric(
    ["dd.max_money", "Maximum drawdown in money", "currency"],
    "Peak less trough of the drawdown that `dd.max` measures; the first of equal ones.",
    ofFalls((_, input) => ok(input.series.deepest === null ? given("no drawdown", 0n) : depthInMoney(input, input.series.deepest))),
    { reasons: returnReasons },
  ),
  metric(
    ["dd.peak_ts", "Peak before the maximum drawdown", "utc_ms"],
    "Time of the peak; the run's start where that is the initial cash.",
    ofDeepest(({ peak }, input) => ok(timeOf(input, peak))),
    { reasons: [...returnReasons, "NO_DRAWDOWN"] },
  ),
  metric(
    ["dd.trough_ts", "Trough of the maximum drawdown", "utc_ms"],
    "Time of the lowest mark.",
    ofDeepest(({ trough }, input) => ok(timeOf(input, trough))),
    { reasons: [...returnReasons, "NO_DRAWDOWN"] },
  ),
  metric(
    ["dd.recovery_ts", "Recovery from the maximum drawdown", "utc_ms"],
    "Time of the first mark at or above the peak again.",
    ofDeepest(({ recovery }, input) => (recovery === null ? undefinedBecause("NOT_RECOVERED") : ok(timeOf(input, recovery)))),
    { reasons: [...returnReasons, "NO_DRAWDOWN", "NOT_RECOVERED"] },
  ),
  metric(
    ["dd.duration", "Longest time under water", "sessions"],
    "Longest row of session marks below the running peak, an open one included.",
    ofFalls((falls, { series }) => ok(marksUnder("marks of the longest row", falls, longest(series.drawdowns)), falls.values.length)),
    { reasons: returnReasons },
  ),
  metric(
    ["dd.open_duration", "Time under water at the end", "sessions"],
    "Row of session marks below the running peak that the run ends in; 0 at a peak.",
    ofFalls((falls, { series }) => {
      const last = series.drawdowns.at(-1) ?? null;
      return ok(marksUnder("marks of the open row", falls, last?.recovery === null ? last : null), falls.values.length);
    }),
    { reasons: returnReasons },
  ),
  metric(
    ["dd.to_recovery", "Time to recover from the maximum drawdown", "sessions"],
    "Session marks from the trough to the first one at or above the peak again.",
    ofDeepest(({ trough, recovery }, { series }) => {
      if (recovery === null) return undefinedBecause("NOT_RECOVERED");
      const indices = Array.from({ length: recovery - trough }, (_, i) => trough + 1 + i);
      return ok(fold("marks after the trough", { how: "count" }, chosen(series.equities, indices)));
    }),
    { reasons: [...returnReasons, "NO_DRAWDOWN", "NOT_RECOVERED"] },
  ),
  metric(
    ["dd.avg", "Average drawdown", "fraction"],
    "Mean depth of the separate drawdowns, an open one included.",
    ofFalls((_, input) => {
      const depths = depthsOf(input);
      const n = depths.values.length;
      return n === 0 ? undefinedBecause("NO_DRAWDOWN", 0) : ok(fold("mean depth", { how: "mean" }, depths), n);
    }),
    { reasons: [...returnReasons, "NO_DRAWDOWN"] },
  ),
  metric(
    ["dd.cdar", "Conditional drawdown at risk 95 %", "fraction"],
    "Coherent mean of the worst 5 % of the falls below the running peak at the session marks.",
    ofFalls((falls) => ok(fold("mean of the worst 5 %", { how: "tail_mean", confidence: "0.95" }, falls), falls.values.length)),
    { reasons: returnReasons },
  ),
  metric(
    ["dd.max_bar", "Maximum drawdown at bar closes", "fraction"],
    "As `dd.max`, over equity at every bar close: never smaller.",
    (input) => {
      const { closes, max_drawdown } = input.run.at_closes;
      if (closes === 0) return undefinedBecause("NO_BARS", 0);
      if (max_drawdown === null) return undefinedBecause("EQUITY_NOT_POSITIVE");
      return ok(measured("largest fall at a bar close", { how: "largest" }, max_drawdown, fallsAtCloses(input)), closes);
    },
    { reasons: ["NO_BARS", "EQUITY_NOT_POSITIVE"] },
  ),
];
