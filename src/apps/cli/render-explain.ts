import type { Style } from "../../adapters/terminal/style.js";
import { renderPairs, renderTable } from "../../adapters/terminal/table.js";
import type { ExplainedStep, ExplainedTerm } from "../../core/metrics/explain.js";
import { roundHalfEven } from "../../core/metrics/round-half-even.js";
import { grouped } from "../../core/numeric/grouped.js";
import type { EventBehind } from "../../usecases/events-behind.js";
import type { Explained, ExplainedMetric, ExplainedTable } from "../../usecases/explain-run.js";
import type { ExplainedSession } from "../../usecases/explain-session.js";
import type { ExplainedTrade, TradeEvent } from "../../usecases/explain-trade.js";
import type { JsonDocument } from "./command.js";
import { metricText } from "./render-backtest.js";
import { renderOrder } from "./render-order.js";

/** What `--json` prints. */
export function explainDocument(run: string, explanation: Explained): JsonDocument {
  return { schema: "onetape.explain/1", run, ...explanation };
}

/** The explanation for people. */
export function renderExplanation(explanation: Explained, style: Style): Promise<string> {
  switch (explanation.kind) {
    case "metric":
      return renderMetric(explanation, style);
    case "table":
      return renderMetricTable(explanation, style);
    case "trade":
      return renderTrade(explanation, style);
    case "session":
      return renderSession(explanation, style);
    case "order":
      return renderOrder(explanation, style);
  }
}

async function renderMetric({ card, result, formula, is, events }: ExplainedMetric, style: Style): Promise<string> {
  const parameters = Object.entries(result.parameters ?? {}).map(([name, value]) => `${name} ${value}`);
  const reason = card.reasons.find((r) => r.code === result.reason);
  const head = renderPairs(
    [
      [card.id, `${style.bold(metricText(card.id, result))}${reason === undefined ? "" : `: ${reason.text}`}`],
      ["name", `${card.name}  ${style.dim(`${card.calc.calc_name} ${card.calc.calc_version}`)}`],
      ["definition", card.definition],
      ...(formula === null ? [] : [["formula", formula] as const]),
      ...(parameters.length === 0 ? [] : [["parameters", parameters.join(", ")] as const]),
      ...card.notes.map((note) => ["who differs", note] as const),
    ],
    style,
  );
  return is === null ? head : `${head}\n${await renderSteps(is, events, style)}`;
}

async function renderMetricTable({ card, result, rows, events }: ExplainedTable, style: Style): Promise<string> {
  const state = result.state === "ok" ? `${rows.length} rows` : (result.reason ?? "undefined").toLowerCase().replaceAll("_", " ");
  const blocks = [
    renderPairs(
      [
        [card.id, style.bold(state)],
        ["name", `${card.name}  ${style.dim(`${card.calc.calc_name} ${card.calc.calc_version}`)}`],
        ["definition", card.definition],
      ],
      style,
    ),
  ];
  const single = rows.length === 1 ? rows[0] : undefined;
  if (single === undefined) {
    const lines = rows.flatMap((row) => row.cells.map((cell) => [row.name, cell.column, textOf(cell.value), cell.formula]));
    if (lines.length > 0)
      blocks.push(
        await renderTable([{ title: "row" }, { title: "column" }, { title: "value", numeric: true }, { title: "formula" }], lines, style),
      );
    return blocks.join("\n");
  }
  for (const { column, value, formula, is } of single.cells) {
    blocks.push(`${style.bold(`${single.name} ${column}`)}  ${textOf(value)} = ${formula}\n${await renderSteps(is, events, style)}`);
  }
  return blocks.join("\n");
}

/** Every step with its terms, once; terms that were shown already are named and not repeated. */
async function renderSteps(step: ExplainedStep, events: readonly EventBehind[], style: Style): Promise<string> {
  const known = new Map(events.map((event) => [event.position, event]));
  const shown = new Map<string, string>();
  const steps = new Set<string>();
  const blocks: string[] = [];
  const visit = async (at: ExplainedStep): Promise<void> => {
    const same = JSON.stringify(at);
    if (steps.has(same)) return;
    steps.add(same);
    if (at.kind === "metric") {
      blocks.push(`${style.bold(at.id)}  ${textOf(at.value)}\n`);
      await visit(at.is);
    } else if (at.kind === "apply") {
      for (const operand of at.operands) await visit(operand);
    } else if (at.kind === "given") {
      // A plain number of the formula says what it is.
      if (at.name === String(at.value)) return;
      blocks.push(
        `${style.bold(at.name)}  ${textOf(at.value)}${at.events.length === 0 ? "" : `  ${style.dim(eventsText(at.events, known))}`}\n`,
      );
    } else {
      const key = JSON.stringify([at.of, at.n, at.terms]);
      const before = shown.get(key);
      const head = `${style.bold(at.name)}  ${textOf(at.value)}: ${at.how} of ${grouped(at.n)} x ${at.of}`;
      if (before !== undefined) {
        blocks.push(`${head}, as listed under ${before}\n`);
        return;
      }
      shown.set(key, at.name);
      blocks.push(`${head}\n${await renderTerms(at.terms, at.more, known, style)}`);
    }
  };
  await visit(step);
  return blocks.join("");
}

async function renderTerms(
  terms: readonly ExplainedTerm[],
  more: number,
  known: ReadonlyMap<number, EventBehind>,
  style: Style,
): Promise<string> {
  if (terms.length === 0) return "";
  const rows = terms.map(({ value, against, label, events }) => [
    `${textOf(value)}${against === undefined ? "" : ` | ${textOf(against)}`}`,
    label,
    eventsText(events, known),
  ]);
  const table = await renderTable([{ title: "term", numeric: true }, { title: "what" }, { title: "events" }], rows, style);
  return more === 0 ? table : `${table}${style.dim(`${grouped(more)} more; --limit N lists more`)}\n`;
}

/** Positions with their types; a long row of them by its ends. */
function eventsText(positions: readonly number[], known: ReadonlyMap<number, EventBehind>): string {
  const text = (position: number): string => {
    const event = known.get(position);
    return event === undefined ? String(position) : `${position} ${event.type} (${event.stream})`;
  };
  if (positions.length <= 4) return positions.map(text).join(", ");
  const [first = 0, last = 0] = [positions[0], positions.at(-1)];
  return `${text(first)}, ${positions.length - 2} more, ${text(last)}`;
}

async function renderTrade({ trade, fills, orders }: ExplainedTrade, style: Style): Promise<string> {
  const head = renderPairs(
    [
      [`trade:${trade.trade}`, style.bold(`${trade.side} ${trade.symbol}, ${trade.status}`)],
      ["net", `${trade.net_pnl} = ${trade.gross_pnl} gross - ${trade.commission} commission`],
      ["entry", `${trade.qty} at ${trade.entry_price}, ${timeText(trade.entry_ts)}`],
      ["exit", trade.exit_ts === null ? "open" : `${trade.exit_qty} at ${trade.exit_price ?? ""}, ${timeText(trade.exit_ts)}`],
      ["held", `${grouped(trade.bars_held)} bars`],
    ],
    style,
  );
  const table = await renderTable(
    [
      { title: "fill at position", numeric: true },
      { title: "realised", numeric: true },
      { title: "commission", numeric: true },
    ],
    fills.map((f) => [String(f.position), f.realized, f.commission]),
    style,
  );
  const blocks = [head, table];
  for (const { order_id, part, signal, bar, events } of orders) {
    const rows = [...(signal === null ? [] : [signal]), ...events].map((event) => [String(event.position), event.type, detailOf(event)]);
    const seen =
      bar === null
        ? ""
        : `bar of ${bar.symbol} at ${timeText(bar.values.ts)}: open ${bar.values.open}, high ${bar.values.high}, low ${bar.values.low}, close ${bar.values.close}, volume ${bar.values.volume} (bars.attached at position ${bar.attached})\n`;
    const list = await renderTable([{ title: "position", numeric: true }, { title: "event" }, { title: "" }], rows, style);
    blocks.push(`${style.bold(`${part}: order ${order_id}`)}\n${seen}${list}`);
  }
  return blocks.join("\n");
}

function detailOf({ payload }: TradeEvent): string {
  return JSON.stringify(payload);
}

async function renderSession(explained: ExplainedSession, style: Style): Promise<string> {
  const { session, from, to, change, rows, rest, more } = explained;
  const head = renderPairs(
    [
      [session, style.bold(`equity moved by ${change}`)],
      ["from", `${from.equity} at ${from.label} (position ${from.position})`],
      ["to", `${to.equity} (position ${to.position})`],
      ["sum", `totals of the rows${rest === "0" ? "" : ` and ${rest} of marks without a row here`}`],
    ],
    style,
  );
  // Most sessions have neither: a column of zeros would only stand in the way.
  const moved = (["dividends", "financing"] as const).filter((column) => rows.some((r) => !/^-?0(\.0*)?$/.test(r[column])));
  const table = await renderTable(
    [
      { title: "total", numeric: true },
      { title: "of" },
      { title: "symbol" },
      { title: "realised", numeric: true },
      { title: "marks", numeric: true },
      { title: "commission", numeric: true },
      ...moved.map((title) => ({ title, numeric: true })),
      { title: "position", numeric: true },
    ],
    rows.map((r) => [
      r.total,
      r.row_kind,
      r.symbol,
      r.realized,
      r.unrealized_change,
      r.commission,
      ...moved.map((column) => r[column]),
      String(r.tape_position),
    ]),
    style,
  );
  return `${head}\n${table}${more === 0 ? "" : style.dim(`${grouped(more)} more; --limit N lists more\n`)}`;
}

/** Doubles at twelve decimals, as the results hold them. */
function textOf(value: number | string | null): string {
  if (value === null) return "-";
  if (typeof value === "string") return value;
  return Number.isFinite(value) ? String(roundHalfEven(value, 12)) : String(value);
}

function timeText(ts: number): string {
  return new Date(ts).toISOString().replace(".000Z", "Z");
}
