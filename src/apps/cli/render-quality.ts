import type { Style } from "../../adapters/terminal/style.js";
import { renderTable } from "../../adapters/terminal/table.js";
import { grouped } from "../../core/numeric/grouped.js";
import type { ShownData } from "../../usecases/show-data.js";

/** Quality facts and, where the trading hours are known, completeness against them. */
export async function renderQuality({ quality, sessions }: Pick<ShownData, "quality" | "sessions">, style: Style): Promise<string> {
  const facts = await renderTable(
    [{ title: "check" }, { title: "" }, { title: "measured", numeric: true }, { title: "threshold", numeric: true }, { title: "" }],
    quality.map(({ check, status, measured, threshold, message }) => [
      check,
      status === "PASS" ? style.good(status) : style.bad(status),
      check.endsWith("_completeness") ? share(measured) : figure(measured),
      check.endsWith("_completeness") ? share(threshold) : figure(threshold),
      message,
    ]),
    style,
  );
  if (sessions === null) return facts;
  const { calendar, calendar_version, expected, present, completeness, outside, incomplete } = sessions;
  const lines = [
    `${calendar} (${calendar_version}): ${grouped(present)} of ${grouped(expected)} bars of its sessions, ${share(completeness)}, ${grouped(outside)} bars outside`,
    ...incomplete.map(
      ({ session, half_day, expected: due, present: there }) =>
        `  ${session}${half_day ? " half day" : ""}: ${grouped(there)} of ${grouped(due)}`,
    ),
  ];
  return `${facts}\n${lines.join("\n")}\n`;
}

function figure(value: number | null): string {
  return value === null ? "-" : Number.isInteger(value) ? grouped(value) : String(value);
}

/** A fraction as per cent. Cut, not rounded: what is not whole never reads 100 %, and what failed never reads as its threshold. */
function share(fraction: number | null): string {
  return fraction === null ? "-" : `${(Math.floor(fraction * 1e4 + 1e-9) / 100).toFixed(2)} %`;
}
