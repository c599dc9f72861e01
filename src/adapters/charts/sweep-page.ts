import type { HeatMap } from "../../core/sweep/heat-map.js";
import { STABILITY_TOLERANCE } from "../../core/sweep/stability.js";
import type { SweepCharts, SweepFacts } from "../../ports/sweep-charts.js";
import { describe, heatMapSvg } from "./heat-map-svg.js";
import { escapeMarkup, shortNumber } from "./number-text.js";

/** Sweeps as SVG and as pages that need no network. */
export const sweepCharts: SweepCharts = { svg: heatMapSvg, page: sweepPage };

/** A page of its own: the picture, what the chosen point is worth, and every value of the picture as a table. */
export function sweepPage(map: HeatMap, facts: SweepFacts): string {
  const title = `Sweep of ${facts.strategy}`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeMarkup(title)}</title>
<style>${STYLE}</style>
</head>
<body>
<main>
<h1>${escapeMarkup(title)}</h1>
<p class="muted">Sweep ${escapeMarkup(facts.sweep_id)}, ${facts.points} points of ${facts.bars} bars each.</p>
<figure>
<div class="scroll" tabindex="0" role="group" aria-label="Heat map, may be wider than the page">
${heatMapSvg(map)}</div>
<figcaption>${escapeMarkup(describe(map))}.</figcaption>
</figure>
<h2>The chosen point</h2>
<table>
${factRows(map, facts)
  .map(
    ([name, value, says]) =>
      `<tr><th scope="row">${escapeMarkup(name)}</th><td>${escapeMarkup(value)}</td><td>${escapeMarkup(says)}</td></tr>`,
  )
  .join("\n")}
</table>
<details>
<summary>All ${map.n} values</summary>
<div class="scroll" tabindex="0" role="group" aria-label="Table of values, may be wider than the page">
${valueTable(map)}
</div>
</details>
</main>
</body>
</html>
`;
}

/** Name, value and meaning of what is known about the chosen point. */
function factRows({ ranking }: HeatMap, { summary }: SweepFacts): readonly (readonly [string, string, string])[] {
  const { best, stability, deflated_sharpe: deflated, trials, ok, failed, over_budget } = summary;
  const counts = [`${ok} ended`, `${failed} failed`, `${over_budget} over their time budget`].join(", ");
  const share = stability?.share ?? null;
  return [
    ["Point", best === null ? "none has a value" : `${best.point}: ${params(best.params)}`, best === null ? "" : `run ${best.run_id}`],
    [ranking.metric, best === null ? "n/a" : shortNumber(Number(best.value)), ranking.goal === "max" ? "large is good" : "small is good"],
    [
      "Stability",
      share === null || stability === null
        ? "n/a"
        : `${stability.near} of ${stability.neighbours} neighbours (${shortNumber(share * 100)} %)`,
      `neighbours at most one step away in each numeric parameter that are not worse by more than ${STABILITY_TOLERANCE * 100} % of the value`,
    ],
    ["Trials", String(trials.count), "points with a Sharpe ratio: what the best one was chosen from"],
    [
      "Deflated Sharpe ratio",
      deflated === null ? "n/a" : shortNumber(deflated.value),
      deflated === null
        ? "needs two trials and a standard error"
        : `probability that the Sharpe ratio is above ${shortNumber(deflated.expected_maximum)}, the largest to expect among ${trials.count} worthless trials`,
    ],
    ["Points", counts, ""],
  ];
}

function valueTable({ rows, columns, cells }: HeatMap): string {
  const head = `<tr><td></td>${columns.labels.map((label) => `<th scope="col">${escapeMarkup(`${columns.name} ${label}`)}</th>`).join("")}</tr>`;
  const body = cells.map((row, r) => {
    const name = rows.name === "" ? "" : `${rows.name} ${rows.labels[r] ?? ""}`;
    const values = row.map(({ value, state }) => `<td>${value === null ? state : escapeMarkup(shortNumber(value))}</td>`).join("");
    return `<tr><th scope="row">${escapeMarkup(name)}</th>${values}</tr>`;
  });
  return `<table class="values">\n${[head, ...body].join("\n")}\n</table>`;
}

function params(values: { readonly [name: string]: unknown }): string {
  return Object.entries(values)
    .map(([name, value]) => `${name} = ${String(value)}`)
    .join(", ");
}

const STYLE = `
:root { color-scheme: light dark; --ink: #1B1F24; --ground: #FBFBF9; --muted: #5B6470; --rule: #D5D9DE; }
@media (prefers-color-scheme: dark) { :root { --ink: #E6E9EC; --ground: #12161B; --muted: #9AA4AF; --rule: #333B44; } }
body { margin: 0; font: 14px/1.5 system-ui, "Noto Sans KR", "Malgun Gothic", sans-serif; color: var(--ink); background: var(--ground); }
main { max-width: 1040px; margin: 0 auto; padding: 24px 16px; }
h1 { font-size: 20px; margin: 0; } h2 { font-size: 16px; margin: 24px 0 8px; }
figure { margin: 16px 0; } figcaption, .muted { color: var(--muted); }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { text-align: left; padding: 4px 12px 4px 0; border-bottom: 1px solid var(--rule); vertical-align: top; font-weight: normal; }
td { overflow-wrap: anywhere; }
.values td, .values th { text-align: right; font-size: 12px; white-space: nowrap; }
summary { cursor: pointer; padding: 8px 0; }
`;
