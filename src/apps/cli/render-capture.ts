import type { Style } from "../../adapters/terminal/style.js";
import { renderPairs } from "../../adapters/terminal/table.js";
import { grouped } from "../../core/numeric/grouped.js";
import type { CaptureSummary } from "../../usecases/capture-summary.js";

/** A capture for people: what it holds, what was counted, where it came from. */
export function renderCapture(capture: CaptureSummary, style: Style): string {
  const { symbol, timeframe, basis, price_mode, rows, first_close, last_close, counts, sources, source_count, instrument } = capture;
  const marks = [
    capture.synthetic ? "synthetic" : "",
    capture.research ? "research: cannot be promoted" : "",
    capture.has_volume ? "" : "without volume",
  ].filter((mark) => mark !== "");
  const pairs: (readonly [string, string])[] = [
    ["capture", style.bold(capture.capture_id)],
    ["column set", capture.column_set],
    ["bars", `${grouped(rows)} of ${symbol}, ${timeframe}, ${basis}, ${price_mode}${marks.length === 0 ? "" : `  (${marks.join(", ")})`}`],
    ["close times", `${first_close} to ${last_close}`],
    ["counted", countsInWords(counts)],
    ["source", `${sources.slice(0, 3).map(sourceName).join(", ")}${source_count > 3 ? ` and ${source_count - 3} more` : ""}`],
    ["taken", `${capture.captured_at}${capture.source_time === null ? "" : `; the source is of ${capture.source_time}`}`],
  ];
  if (capture.derived !== null)
    pairs.push(["derived", `${capture.derived.calc_name} ${capture.derived.calc_version} from ${capture.derived.from_capture}`]);
  if (instrument !== null) {
    const { guessed, symbol: _, ...fields } = instrument;
    pairs.push([
      "instrument",
      Object.entries(fields)
        .map(([field, value]) => `${field} ${value}${guessed.includes(field) ? " (guessed)" : ""}`)
        .join(", "),
    ]);
  }
  for (const note of capture.notes) pairs.push(["note", note]);
  for (const { prev_ts, next_ts, missing } of capture.gaps ?? [])
    pairs.push(["gap", `${grouped(missing)} missing between ${prev_ts} and ${next_ts}`]);
  return renderPairs(pairs, style);
}

function sourceName({ file, role }: CaptureSummary["sources"][number]): string {
  return role === "bars" ? file : `${file} (${role})`;
}

function countsInWords(counts: CaptureSummary["counts"]): string {
  const { rows_read, duplicates, out_of_order, open_bars, gap_count, missing_bars, rows_of_other_symbols, unmatched_bid, unmatched_ask } =
    counts;
  const optional: readonly (readonly [number, string])[] = [
    [rows_of_other_symbols, "of other symbols"],
    [open_bars, "open bars kept apart"],
    [unmatched_bid + unmatched_ask, "with one side only"],
  ];
  return [
    `${grouped(rows_read)} rows`,
    `${grouped(duplicates)} duplicates`,
    `${grouped(out_of_order)} out of order`,
    `${grouped(missing_bars)} missing in ${grouped(gap_count)} gaps`,
    ...optional.filter(([count]) => count > 0).map(([count, words]) => `${grouped(count)} ${words}`),
  ].join(", ");
}
