/** Renders the reference pages that are generated from declarations in the code. */
import { type MetricCard, metricCards, type TableCard, tableCards } from "../../src/core/metrics/metric-cards.js";
import { METRIC_CONVENTION, METRIC_DECIMALS } from "../../src/core/metrics/run-metrics.js";
import { undefinedReasons } from "../../src/core/metrics/undefined-reasons.js";
import { artifactTables, curveTable } from "../../src/core/projections/artifact-tables.js";
import type { ColumnSchema, TableSchema } from "../../src/core/projections/table.js";
import { reportTableSchemas } from "../../src/core/report/report-table-schemas.js";
import { TEAR_SHEET_SCHEMA } from "../../src/core/report/tear-sheet.js";

const NOTICE =
  "<!-- Generated from the code by test/docs. Edit the declarations, then run: ONETAPE_WRITE_DOCS=1 npx vitest run test/docs -->";

export function artifactsPage(): string {
  return `${NOTICE}

# Artifacts

What a run leaves behind besides its tape. Every table is folded from the tape (and the bars that the tape attaches) and from nothing else, so it can be
deleted and made again to the byte. Equal runs have equal artifacts.

| file | what it is |
| --- | --- |
${artifactTables.map((t) => `| \`${t.name}.parquet\`, \`${t.name}.csv\` | ${t.grain} |`).join("\n")}
| \`${curveTable.name}.columns\` | ${curveTable.grain} |
| \`metrics.json\` | statistics of the run, see [metrics](metrics.md) |

Rows stand in the order of the sort key, which is unique. \`position\` columns are positions on the run's tape: \`onetape events RUN\` shows the event behind a row.

## Types

| type | Parquet | CSV | notes |
| --- | --- | --- | --- |
| decimal(s) | \`DECIMAL(38, s)\` | shortest decimal text | exact; the file's scale is s, or more where the run's own numbers have more digits after the point |
| int64 | \`INT64\` | digits | |
| timestamp | \`TIMESTAMP\`, microseconds, adjusted to UTC | \`2024-01-02T03:04:05.678Z\` | milliseconds are what is stored |
| float64 | \`DOUBLE\` | shortest text that reads back the same | finite, never negative zero |
| text | \`UTF8\` | quoted where it holds a comma, a quote or a line end | |
| bool | \`BOOLEAN\` | \`true\`, \`false\` | |

CSV files are UTF-8 with a header line, commas and LF line ends. An absent value is an empty field, an empty text is \`""\`.

## Identity

An artifact's identity is a hash over its content, not over a file's bytes: Parquet bytes change with the version of the library that writes them.

1. The bytes of a column, rows in sort-key order: first one byte a row, 1 for a value and 0 for an absent one; then the values. \`int64\` and timestamps (milliseconds)
   are 8-byte little-endian two's complement, \`float64\` 8-byte little-endian IEEE 754, \`bool\` one byte, text and decimals a 4-byte little-endian byte count and the
   UTF-8 bytes (decimals in their shortest form). An absent value is zero bytes of the fixed width, or a count of zero.
2. \`sha256\` of each column's bytes.
3. \`identity_sha256\` is SHA-256 of the UTF-8 text of
   \`{"columns":[{"name","nullable","sha256","type","unit"},...],"format":"onetape-table-1","rows","sort_key","table"}\`: JSON without white space, keys in this order.
   Columns of scaled integers (the equity curve's) carry \`"scale"\` after \`"nullable"\`. Types are named \`decimal\`, \`int64\`, \`float64\`, \`text\`, \`bool\`, \`timestamp_ms\`.

The identity of \`metrics.json\` is SHA-256 of its RFC 8785 canonical form. \`manifest.json\` lists both hashes of everything: identity, and the SHA-256 of each file.

## Column files

\`${curveTable.name}.columns\` begins with one line of JSON, padded with spaces to a multiple of 64 bytes: \`format\`, \`table\`, \`rows\`, \`columns\` (\`name\`, \`type\`, \`unit\`, \`scale\`,
\`offset\`). Each column follows as \`rows\` little-endian values of 8 bytes, \`offset\` bytes after the first line. Money is an integer: divide by 10^\`scale\`.

\`\`\`python
import json, numpy
f = open("${curveTable.name}.columns", "rb")
head = json.loads(f.readline())
columns = {c["name"]: numpy.fromfile(f, "<f8" if c["type"] == "float64" else "<i8", head["rows"]) for c in head["columns"]}
\`\`\`

## Tables
${[...artifactTables, curveTable].map(tableSection).join("\n")}`;
}

export function tearSheetPage(): string {
  return `${NOTICE}

# The tear sheet for programs

How to make one and how its charts are computed: [reports](../guide/reports.md).

## JSON

\`onetape report RUN --format json\` writes one document, schema \`${TEAR_SHEET_SCHEMA}\`. Times are UTC milliseconds, fractions are of one, decimal text is exact, columns of
one series have one length. The same run gives the same bytes. Fields may be added within version 1; none is removed and none changes its meaning.

| field | what it holds |
| --- | --- |
| \`schema\` | \`${TEAR_SHEET_SCHEMA}\` |
| \`header\` | run id, status, strategy with source hash and parameters, engine, manifest hash, tape head and content hash, bars with column set and capture, currency, capital, sessions a year, identity of each artifact, and why a failed run ended |
| \`metrics\` | groups of the [metrics](metrics.md) and their tables, each with name, definition and notes; values as stored |
| \`assumptions\` | \`{id, name, value, mark}\`: what the result rests on; \`mark\` is \`guess\` where nobody stated it, \`warning\` where it limits the result's use |
| \`data_quality\` | bars expected and present, gaps, empty sessions and bars outside sessions of each symbol; null where the workspace has no bars |
| \`equity\`, \`underwater\`, \`exposure\`, \`daily\` | bucket series: \`{basis, ts, first, max, min, last}\` |
| \`candles\` | for each drawn symbol: \`ts\`, integer prices of 10^-\`price_scale\`, volume, and \`marks\` for entries and exits of trades; \`no_candles\` says which symbols have none, and why |
| \`histogram\`, \`quantiles\` | edges, counts, normal curve and tail marks; normal and sample quantiles; null where there is nothing to draw |
| \`rolling\` | windows with their Sharpe ratio and volatility, or the reason why there are none |
| \`contribution\` | net profit by symbol, hour and weekday |
| \`costs\` | steps from profit before costs to net profit |
| \`trades\` | every round trip with its excursions |
| \`risk_policy\` | for a run under a [policy](policy.md) alone: its name, fingerprint and stages; decisions; each limit with \`{session_day, highest, newest}\` for every session day, a use being \`{fraction, at, order_id}\` with decimal text of value over limit; refusals, observed failures and unsized signals by code; the ten closest calls; episodes of kill switch and daily freeze; alerts. \`limits\` is null where the workspace has no bars |

A \`basis\` is \`{of, n, from, to, per_point}\`: how many observations of what stand behind a series, from when to when, and how many behind one point. A series with \`per_point\`
above 1 is for drawing: no statistic was computed from it, and none should be.

## Tables

\`onetape report RUN --format csv\` and \`--format parquet\` write these tables at full detail, and one for each table of the [metrics](metrics.md) (\`ret_monthly\`, \`dd_top10\`, ...). Types and forms
are those of the [artifacts](artifacts.md).
${reportTableSchemas.map(tableSection).join("\n")}`;
}

function tableSection(table: TableSchema): string {
  return `
### ${table.name}

Grain: ${table.grain}. Sort key: ${table.sort_key.map((k) => `\`${k}\``).join(", ")}.

| column | type | unit | absent | meaning |
| --- | --- | --- | --- | --- |
${Object.entries(table.columns)
  .map(
    ([name, column]) =>
      `| \`${name}\` | ${typeName(column)} | ${column.unit ?? ""} | ${column.nullable ? "may be" : "never"} | ${column.doc} |`,
  )
  .join("\n")}
`;
}

function typeName(column: ColumnSchema): string {
  if (column.type === "decimal") return `decimal(${column.min_scale ?? 0})`;
  return column.type === "timestamp_ms" ? "timestamp" : column.type;
}

interface CardGroup {
  readonly title: string;
  readonly metrics: readonly MetricCard[];
  readonly tables: readonly TableCard[];
}

function cardsByGroup(): readonly CardGroup[] {
  const cards = [metricCards(), tableCards()] as const;
  const titles = [...new Set(cards.flat().map((card) => card.group))];
  return titles.map((title) => ({
    title,
    metrics: cards[0].filter((card) => card.group === title),
    tables: cards[1].filter((card) => card.group === title),
  }));
}

export function metricsPage(): string {
  return `${NOTICE}

# Metrics

\`metrics.json\` is \`{"convention": "${METRIC_CONVENTION}", "metrics": {id: {value, unit, calc_name, calc_version, state, ...}}, "tables": {id: {calc_name, calc_version, state, rows, ...}}}\`.
Where a number rests on a choice that its definition leaves open, such as a lag count or a seed, \`parameters\` holds it. \`onetape explain RUN ID\` goes from
any number here to its terms and to the events behind them: see [explain any number](../guide/explain.md).

- **P** is \`periods_per_year\` of the configuration: 252 for exchanges that close, 365 for markets that do not. It is never inferred from dates.
- **r** are simple returns of session marks: equity at each session's last close over equity at the one before, the initial cash first. Where calendars
  share a session date, the later close is the date's mark; what is traded after the last close without another bar counts to it; a run that stopped inside a session is
  marked at its last bar. **n** is the number of marks.
- **sd** is the sample deviation, with n - 1. Sums are compensated. Risk-free rate and minimum acceptable return are 0. **Costs** are commission and tax.
- Money is exact decimal text, and its \`unit\` is the account's currency. Doubles are rounded once, half-even at ${METRIC_DECIMALS} decimals.
- A number that cannot be had is \`{"value": null, "state": "undefined", "reason": ...}\`: never 0, never infinity, never a stand-in.
- A changed result for any input is a new \`calc_version\`.
${cardsByGroup()
  .map(
    ({ title, metrics, tables }) => `
## ${title}

${[...metrics.map(metricSection), ...tables.map(tableOfMetrics)].join("\n")}`,
  )
  .join("")}
## Reasons

| reason | meaning |
| --- | --- |
${Object.entries(undefinedReasons)
  .map(([code, text]) => `| \`${code}\` | ${text} |`)
  .join("\n")}
`;
}

function metricSection(card: MetricCard): string {
  const { id, name, unit, calc, definition } = card;
  return `### \`${id}\`\n\n${name}, in ${unit} (\`${calc.calc_name}\` ${calc.calc_version}). ${definition}\n${cardNotes(card)}`;
}

function tableOfMetrics(card: TableCard): string {
  const { id, name, calc, definition, columns } = card;
  const rows = columns.map((c) => `| \`${c.name}\` | ${c.title} | ${c.unit} |`).join("\n");
  return `### \`${id}\` (table)\n\n${name} (\`${calc.calc_name}\` ${calc.calc_version}). ${definition}\n${cardNotes(card)}\n| column | title | unit |\n| --- | --- | --- |\n${rows}\n`;
}

function cardNotes({ notes, reasons }: MetricCard | TableCard): string {
  const differs = notes.length === 0 ? "" : `\nWho differs: ${notes.join(" ")}\n`;
  return `${differs}${reasons.length === 0 ? "" : `\nUndefined: ${reasons.map((r) => `\`${r.code}\``).join(", ")}.\n`}`;
}
