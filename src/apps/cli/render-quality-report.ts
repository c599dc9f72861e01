import type { Style } from "../../adapters/terminal/style.js";
import { renderTable } from "../../adapters/terminal/table.js";
import { grouped } from "../../core/numeric/grouped.js";
import type { QualityReportDocument, ReportedDay, ReportedWeek } from "../../core/quality/quality-report.js";

/** Sessions that a line of the heat map holds: the newest. */
const SHOWN_SESSIONS = 60;

/** A workspace's quality for people: a line per series with a sign per day, then what is wrong. */
export async function renderQualityReport(report: QualityReportDocument, style: Style): Promise<string> {
  const { series, files, weeks, anomalies, decisions, trend } = report;
  if (series.length === 0 && files.length === 0) return "nothing to report: no data yet\n";
  const sessions = trend.slice(-SHOWN_SESSIONS).map(({ session }) => session);
  const parts: string[] = [];
  if (series.length > 0) {
    const rows = series.map((one) => {
      const days = new Map(one.days.map((day) => [day.session, day]));
      const signs = sessions.map((session) => signOf(days.get(session))).join("");
      const failed = one.results.filter(({ status }) => status !== "PASS").map(({ check }) => check);
      const grade = one.grade === "F" ? style.bad(one.grade) : one.grade;
      const share = one.expected === 0 ? "-" : `${(Math.floor((one.present / one.expected) * 10_000 + 1e-9) / 100).toFixed(2)} %`;
      return [`${one.symbol} ${one.timeframe}`, grade, share, grouped(one.gap_count), signs, failed.join(", ")];
    });
    const columns = [
      { title: "series" },
      { title: "grade" },
      { title: "complete", numeric: true },
      { title: "gaps", numeric: true },
      { title: "days" },
      { title: "not passed" },
    ];
    parts.push(await renderTable(columns, rows, style));
    const range =
      sessions.length === 0 ? "" : `${sessions[0] ?? ""} to ${sessions.at(-1) ?? ""}, ${sessions.length} of ${trend.length} sessions; `;
    parts.push(style.dim(`${range}a sign per day: # whole, + from 99 %, 9 to 0 tenths of the bars, x none, . not in the series\n`));
  }
  const rejected = [
    ...series.flatMap(({ symbol, timeframe, rejects }) =>
      rejects.map(({ reason, count }) => [`${symbol} ${timeframe}`, reason, grouped(count)]),
    ),
    ...files.flatMap(({ capture_id, rejects }) => rejects.map(({ reason, count }) => [capture_id, reason, grouped(count)])),
  ];
  if (rejected.length > 0)
    parts.push(`\n${await renderTable([{ title: "rejects of" }, { title: "reason" }, { title: "rows", numeric: true }], rejected, style)}`);
  if (files.length > 0) {
    const columns = [
      { title: "file" },
      { title: "lines", numeric: true },
      { title: "rows", numeric: true },
      { title: "rejects", numeric: true },
      { title: "balance" },
      { title: "grade" },
    ];
    const rows = files.map(({ capture_id, raw, normalised, rejected: lost, balanced, grade }) => [
      capture_id,
      grouped(raw),
      grouped(normalised),
      grouped(lost),
      balanced === null ? "not normalised" : balanced ? "balances" : style.bad("does not balance"),
      grade ?? "-",
    ]);
    parts.push(`\n${await renderTable(columns, rows, style)}`);
  }
  if (weeks.length > 0) parts.push(`\n${await renderWeeks(weeks, style)}`);
  const open = anomalies.filter(({ resolution }) => resolution === null).length;
  const refused = decisions.filter(({ verdict }) => verdict === "refused").length;
  parts.push(
    `\n${grouped(open)} of ${grouped(anomalies.length)} anomalies open; gates refused ${grouped(refused)} of the last ${grouped(decisions.length)} decisions\n`,
  );
  return parts.join("");
}

/** What each week may be used for, and why not for more. */
export function renderWeeks(weeks: readonly ReportedWeek[], style: Style): Promise<string> {
  const columns = ["week ending", "research", "trading", "compliance", "certified for", "what stands in the way"].map((title) => ({
    title,
  }));
  const readyText = (ready: boolean): string => (ready ? style.good("ready") : style.bad("not ready"));
  const rows = weeks.map(({ week_ending, ready_for: { research, trading, compliance }, certified_for, blocking_issues }) => [
    week_ending,
    ...[research, trading, compliance].map(readyText),
    certified_for.length === 0 ? "-" : certified_for.join(", "),
    blocking_issues.join("; "),
  ]);
  return renderTable(columns, rows, style);
}

/** Cut, not rounded: what is not whole never reads as whole. */
function signOf(day: ReportedDay | undefined): string {
  if (day === undefined) return ".";
  const { expected, present } = day;
  if (present >= expected) return "#";
  if (present === 0) return "x";
  return present / expected >= 0.99 ? "+" : String(Math.floor((present / expected) * 10));
}
