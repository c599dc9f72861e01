/** A session's report for a terminal: the same figures as its JSON, rounded at this edge alone. */
import type { Style } from "../../adapters/terminal/style.js";
import { renderPairs, renderTable } from "../../adapters/terminal/table.js";
import type { Violation } from "../../core/quality/violation.js";
import type { RiskSessionReport } from "../../core/session/session-report.js";
import type { Json } from "../../core/tape/event.js";
import { type Failure, failure } from "./failure.js";
import { figureText } from "./risk-text.js";
import { timeText } from "./with-risk-session.js";

/** Scenarios behind a figure that are listed; all of them stand in the JSON. */
const NAMED = 4;

export async function renderSessionReport(report: RiskSessionReport, style: Style): Promise<string> {
  const { session_id, request, kind, portfolio_id, as_of, currency, superseded, fx } = report;
  const head = renderPairs(
    [
      ["report", `${style.bold(session_id)}  ${kind} of ${portfolio_id} as of ${timeText(as_of)}, in ${currency}`],
      ["request", request],
      ["run", `${report.run_id}${superseded.length === 0 ? "" : `; ${superseded.length} before it, superseded by late events`}`],
      ["market snapshot", report.market_snapshot_id],
      ["positions", report.portfolio_snapshot_id],
      ["fx set", `${fx.fx_set_id}  ${fx.quotes.map(({ pair, rate }) => `${String(pair)} ${String(rate)}`).join(", ")}`],
    ],
    style,
  );
  const figures = report.figures.map(figureOf);
  const lines = await renderTable(
    [{ title: "Figure" }, { title: currency, numeric: true }, { title: "Scenarios behind it" }, { title: "Calculation" }],
    figures.flatMap(({ name, calc, value, errors }) => {
      const code = errors[0]?.code;
      if (code !== undefined) return [[name, style.bad(code), "", calc]];
      const single = singleOf(name, value);
      return single === null ? [] : [[single.label, figureText(single.value), namesIn(value), calc]];
    }),
    style,
  );
  const tables = await Promise.all(figures.map((figure) => tableOf(figure, currency, style)));
  return [head, lines, ...tables.filter((text) => text !== "")].join("\n");
}

/** What a report lacks: exit code 2 where a figure was refused. */
export function reportProblem(report: RiskSessionReport, name: string): Failure | null {
  const details = report.figures.map(figureOf).flatMap(({ name: figure, value, errors }): readonly Violation[] => {
    const cells = figure === "valuation" ? listIn(value, "positions").flatMap((cell) => errorsOf(field(cell, "errors"))) : [];
    const of = [...errors, ...cells];
    return of.map(({ code, message, field: place }) => ({
      code,
      message: `${figure}: ${message}`,
      ...(place === "" ? {} : { field: place }),
    }));
  });
  const failed = report.errors.map(({ code, field: place, value }) => ({
    code: String(code),
    message: "the job has no result",
    field: String(place),
    value: String(value),
  }));
  if (details.length + failed.length === 0) return null;
  return failure("PARTIAL", [...failed, ...details].slice(0, 20), `onetape session compute ${name} --allow-missing`);
}

interface ShownFigure {
  readonly name: string;
  readonly calc: string;
  readonly value: Json;
  readonly errors: readonly { readonly code: string; readonly message: string; readonly field: string }[];
}

function figureOf(figure: Json): ShownFigure {
  const outcome = field(figure, "outcome");
  const ok = field(outcome, "ok") === true;
  return {
    name: textIn(figure, "name"),
    calc: textIn(figure, "calc"),
    value: field(outcome, "value"),
    errors: ok ? [] : errorsOf(field(outcome, "errors")),
  };
}

function errorsOf(list: Json): ShownFigure["errors"] {
  return (Array.isArray(list) ? list : []).map((error: Json) => ({
    code: textIn(error, "code"),
    message: textIn(error, "message"),
    field: textIn(field(error, "details"), "field"),
  }));
}

/** The one number of a figure that has one. */
function singleOf(name: string, value: Json): { readonly label: string; readonly value: number | null } | null {
  const [what = "", confidence = ""] = name.split("/");
  if (what === "valuation") return { label: "value", value: numberIn(field(field(value, "total"), "value"), "pv") };
  if (what === "var") return { label: `VaR ${confidence}`, value: numberIn(value, "var") };
  if (what === "es") return { label: `ES ${confidence}`, value: numberIn(value, "es") };
  if (what === "grid") return { label: "value", value: numberIn(value, "base_pv") };
  return null;
}

function namesIn(value: Json): string {
  const names = listIn(value, "scenarios").map((scenario) => textIn(scenario, "scenario"));
  return names.length > NAMED ? `${names.slice(0, NAMED).join(", ")} and ${names.length - NAMED} more` : names.join(", ");
}

async function tableOf({ name, value, errors }: ShownFigure, currency: string, style: Style): Promise<string> {
  if (errors.length > 0) return "";
  switch (name) {
    case "valuation":
      return renderTable(
        [{ title: "Position" }, ...["Value", "Delta", "Gamma", "Vega", "Theta", "Rho"].map((title) => ({ title, numeric: true }))],
        listIn(value, "positions").map((cell) => {
          const made = field(cell, "value");
          const greeks = field(made, "greeks");
          const numbers = ["delta", "gamma", "vega", "theta", "rho"].map((greek) => figureText(numberIn(greeks, greek)));
          const code = errorsOf(field(cell, "errors"))[0]?.code;
          if (code !== undefined) return [textIn(cell, "id"), style.bad(code), "", "", "", "", ""];
          return [textIn(cell, "id"), figureText(numberIn(made, "pv")), ...numbers];
        }),
        style,
      );
    case "exposures/underlying":
      return renderTable(
        [
          { title: "Underlying" },
          { title: "Net value", numeric: true },
          { title: "Net delta", numeric: true },
          { title: "Notional", numeric: true },
        ],
        listIn(value, "lines").map((line) => [
          textIn(line, "key"),
          ...["net_value", "net_delta", "abs_notional"].map((figure) => figureText(numberIn(line, figure))),
        ]),
        style,
      );
    case "scenarios":
      return renderTable(
        [{ title: "Scenario" }, { title: `P&L ${currency}`, numeric: true }, { title: "Named in vain" }],
        listIn(value, "results").map((result) => [
          textIn(result, "scenario_name"),
          figureText(numberIn(result, "delta_pv_abs")),
          listIn(result, "unmatched").map(String).join(", "),
        ]),
        style,
      );
    case "limits":
      return limitTable(value, style);
    case "grid":
      return gridTable(value, style);
    default:
      return "";
  }
}

async function limitTable(value: Json, style: Style): Promise<string> {
  const limits = listIn(value, "limits");
  if (limits.length === 0) return "";
  return renderTable(
    [
      { title: "Limit" },
      { title: "Used", numeric: true },
      { title: "Of", numeric: true },
      { title: "Share", numeric: true },
      { title: "" },
    ],
    limits.map((limit) => {
      const status = textIn(limit, "status");
      const used = decimalIn(limit, "utilisation");
      return [
        textIn(limit, "id"),
        figureText(decimalIn(limit, "value")),
        figureText(decimalIn(limit, "limit")),
        used === null ? "none" : `${figureText(used * 100, 1)} %`,
        status === "ok" ? style.good(status) : style.bad(status),
      ];
    }),
    style,
  );
}

/** Spots downwards, volatilities across. */
function gridTable(value: Json, style: Style): Promise<string> {
  const cells = listIn(value, "cells");
  const across = [...new Set(cells.map((cell) => textIn(cell, "vol_abs")))];
  const down = [...new Set(cells.map((cell) => textIn(cell, "spot_pct")))];
  const made = new Map(cells.map((cell) => [`${textIn(cell, "spot_pct")} ${textIn(cell, "vol_abs")}`, numberIn(cell, "pnl")]));
  return renderTable(
    [{ title: "P&L: spot by volatility", numeric: true }, ...across.map((title) => ({ title, numeric: true }))],
    down.map((spot) => [spot, ...across.map((vol) => figureText(made.get(`${spot} ${vol}`) ?? null))]),
    style,
  );
}

function field(value: Json, name: string): Json {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return null;
  const found: unknown = Object.getOwnPropertyDescriptor(value, name)?.value;
  return found === undefined ? null : (found as Json);
}

function textIn(value: Json, name: string): string {
  const found = field(value, name);
  return typeof found === "string" ? found : "";
}

function numberIn(value: Json, name: string): number | null {
  const found = field(value, name);
  return typeof found === "number" ? found : null;
}

function decimalIn(value: Json, name: string): number | null {
  const text = textIn(value, name);
  return text === "" ? null : Number(text);
}

function listIn(value: Json, name: string): readonly Json[] {
  const found = field(value, name);
  return Array.isArray(found) ? found : [];
}
