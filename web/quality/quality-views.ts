/** What the page about quality shows, without any decision left to its components. */
import type { QualityReportDocument, ReportedDay, ReportedSeries, TrendPoint } from "../../src/core/quality/quality-report.js";
import type { ChartView, DataTable } from "../charts/chart-view.js";
import { linePath } from "../charts/path.js";
import { linearScale, middle } from "../charts/scale.js";
import { timeTicks } from "../charts/time-ticks.js";
import { percentTicks } from "../report/views/account-views.js";
import { count, plural } from "../text/format.js";

/** Sessions that the heat map shows: the newest. */
const SHOWN_SESSIONS = 60;
/** Share from which on completeness passes. */
const PASSES = 0.99;

/** A cell of the heat map: what it says, and how strongly it is marked, from 0 for whole to 4 for empty. */
export interface HeatCell {
  readonly text: string;
  readonly strength: 0 | 1 | 2 | 3 | 4;
  readonly says: string;
}

export interface HeatMap {
  /** The newest first: it is what a reader looks for, and a screen that holds few shows them. */
  readonly sessions: readonly string[];
  /** All sessions, those not shown included. */
  readonly session_count: number;
  readonly rows: readonly { readonly name: string; readonly cells: readonly (HeatCell | null)[] }[];
}

/** Completeness by symbol and day. Never rounded up: what is not whole never reads 100, what fails never reads 99. */
export function heatMap({ series, trend }: QualityReportDocument): HeatMap {
  const sessions = trend
    .slice(-SHOWN_SESSIONS)
    .map(({ session }) => session)
    .reverse();
  const rows = series
    .filter(({ days }) => days.length > 0)
    .map((one) => {
      const days = new Map(one.days.map((day) => [day.session, day]));
      return { name: `${one.symbol} ${one.timeframe}`, cells: sessions.map((session) => cellOf(days.get(session))) };
    });
  return { sessions, session_count: trend.length, rows };
}

function cellOf(day: ReportedDay | undefined): HeatCell | null {
  if (day === undefined) return null;
  const { session, half_day, expected, present } = day;
  const share = expected === 0 ? 1 : present / expected;
  const strength = share === 1 ? 0 : share >= PASSES ? 1 : share >= 0.9 ? 2 : share > 0 ? 3 : 4;
  const says = `${session}${half_day ? ", half day" : ""}: ${count(present)} of ${count(expected)} bars`;
  return { text: `${percentFloor(share)}${half_day ? "\u00bd" : ""}`, strength, says };
}

/** Whole per cent, cut. */
function percentFloor(share: number): string {
  return String(Math.floor(share * 100 + 1e-9));
}

/** A share with two decimals, cut. */
export function shareText(present: number, expected: number): string {
  return expected === 0 ? "n/a" : `${(Math.floor((present / expected) * 10_000 + 1e-9) / 100).toFixed(2)} %`;
}

/** All series together, day by day, against the share from which on completeness passes. */
export function trendView(trend: readonly TrendPoint[]): ChartView {
  const height = 160;
  const shares = trend.map(({ present, expected }) => (expected === 0 ? 1 : present / expected));
  const scale = linearScale([...shares, PASSES, 1], { height, ticks: 4 });
  const ts = trend.map(({ session }) => Date.parse(`${session}T00:00:00Z`));
  const ys = shares.map(scale.at);
  const marks = ys.flatMap((y, i) =>
    (shares[i] ?? 1) < PASSES
      ? [{ x: middle(i, ys.length), y, shape: "down", tone: "loss", says: trend[i]?.session ?? null } as const]
      : [],
  );
  const [first, last] = [trend[0]?.session, trend.at(-1)?.session];
  return {
    id: "trend",
    title: "Completeness by day",
    caption: `n = ${plural(trend.length, "session")}${first === undefined ? "" : `, ${first} to ${last ?? first}`}; bars present of bars expected, all series together.`,
    height,
    yTicks: percentTicks(scale).filter(({ text }) => !text.startsWith("10") || text.startsWith("100")),
    xTicks: timeTicks(ts),
    layers: [
      { kind: "line", d: linePath(ys), tone: "ink", dash: "solid" },
      { kind: "level", y: scale.at(PASSES), tone: "muted", says: "passes from 99 %" },
      { kind: "marks", items: marks },
    ],
    legend: [
      { sign: "line", tone: "ink", text: "completeness" },
      { sign: "down", tone: "loss", text: "day below 99 %" },
    ],
    table: {
      columns: [
        { title: "Session", numeric: false },
        { title: "Bars", numeric: true },
        { title: "Expected", numeric: true },
        { title: "Completeness", numeric: true },
      ],
      rows: trend.map(({ session, present, expected }) => [session, count(present), count(expected), shareText(present, expected)]),
      note: null,
    },
    cursor: null,
    empty: trend.length === 0 ? "No series has a calendar: completeness cannot be measured." : null,
  };
}

/** Gaps of every series. */
export function gapTable(series: readonly ReportedSeries[]): DataTable {
  const left = series.reduce((sum, { gaps, gap_count }) => sum + Math.max(0, gap_count - gaps.length), 0);
  return {
    columns: [
      { title: "Series", numeric: false },
      { title: "After", numeric: false },
      { title: "Before", numeric: false },
      { title: "Bars missing", numeric: true },
    ],
    rows: series.flatMap(({ symbol, timeframe, gaps }) =>
      gaps.map(({ after, before, missing }) => [`${symbol} ${timeframe}`, after, before, count(missing)]),
    ),
    note: left === 0 ? null : `${plural(left, "further gap")}: the first 50 of each series are listed.`,
  };
}

/** What each week of weekly files may be used for. */
export function weekTable(weeks: QualityReportDocument["weeks"]): DataTable {
  const readyText = (ready: boolean): string => (ready ? "ready" : "\u25a0 not ready");
  return {
    columns: ["Week ending", "Research", "Trading", "Compliance", "Certified for", "What stands in the way"].map((title) => ({
      title,
      numeric: false,
    })),
    rows: weeks.map(({ week_ending, ready_for: { research, trading, compliance }, certified_for, blocking_issues }) => [
      week_ending,
      readyText(research),
      readyText(trading),
      readyText(compliance),
      certified_for.join(", "),
      blocking_issues.join("; "),
    ]),
    note: null,
  };
}

/** Rejects by reason, of bars and of weekly files. */
export function rejectTable({ series, files }: QualityReportDocument): DataTable {
  const rows = [
    ...series.flatMap(({ symbol, timeframe, rejects }) =>
      rejects.map(({ reason, count: n }) => [`${symbol} ${timeframe}`, reason.replaceAll("_", " "), count(n)]),
    ),
    ...files.flatMap(({ capture_id, rejects }) => rejects.map(({ reason, count: n }) => [capture_id, reason, count(n)])),
  ];
  const columns = [
    { title: "Source", numeric: false },
    { title: "Reason", numeric: false },
    { title: "Rows", numeric: true },
  ];
  return { columns, rows, note: null };
}
