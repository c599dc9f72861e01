import { renderPairs, renderTable } from "../../../adapters/terminal/table.js";
import { grouped } from "../../../core/numeric/grouped.js";
import type { Json, JsonObject } from "../../../core/tape/event.js";
import { showRun } from "../../../usecases/find-run.js";
import type { CommandResult, Invocation } from "../command.js";
import { runPorts } from "../compose-runs.js";
import { failureOf } from "../failure.js";
import { findRun } from "../find-run.js";
import { metricRows } from "../render-backtest.js";
import { showSession } from "../show-session.js";

export async function run(invocation: Invocation): Promise<CommandResult> {
  const { args, flags, io, settings } = invocation;
  const session = await showSession(invocation);
  if (session !== null) return session;
  if (flags.on("follow"))
    return {
      kind: "failed",
      failure: failureOf("USAGE", `${args[0]} is no session: only what is still going on can be followed`, "onetape paper --help", {
        field: "--follow",
      }),
    };
  const ports = runPorts(settings.home);
  const found = await findRun(ports.runs, args[0] ?? "");
  if (found.kind === "failed") return found;
  const { name, dir, manifest, metrics, provenance, tape_problem } = await showRun(ports, found.run);
  const { strategy, engine, totals, tape, inputs } = manifest;
  const human = async (): Promise<string> => {
    const about = renderPairs(
      [
        ["run", io.out.bold(name)],
        ["status", `${manifest.status}${manifest.research ? ", research" : ""}`],
        ["strategy", `${strategy.name} ${strategy.version}  source ${strategy.source_sha256.slice(0, 16)}`],
        ["engine", `${engine.version}  build ${engine.build.slice(0, 16)}`],
        ["config", manifest.config_sha256.slice(0, 16)],
        [
          "counts",
          manifest.status === "aborted"
            ? "not made: the tape ends at the last commit"
            : `${grouped(totals.bars)} bars, ${grouped(totals.sessions)} sessions, ${grouped(totals.orders)} orders, ${grouped(totals.fills)} fills, ${grouped(totals.trades)} trades`,
        ],
        ["tape", `${grouped(tape.head_position)} events, ${tape.layout}, head ${tape.head_hash.slice(0, 16)}`],
        ...(tape_problem === null ? [] : [["", io.out.bad(`the tape cannot be opened: ${tape_problem}`)] as const]),
        ...(manifest.error === undefined ? [] : [["error", errorText(manifest.error)] as const]),
        ["folder", dir],
      ],
      io.out,
    );
    const bars = await renderTable(
      [{ title: "symbol" }, { title: "basis" }, { title: "rows", numeric: true }, { title: "column set" }],
      inputs.map(({ symbol, basis, rows, column_set }) => [symbol, basis, grouped(rows), column_set.slice(0, 16)]),
      io.out,
    );
    const figures = renderPairs(
      metricRows(metrics, () => true),
      io.out,
    );
    const artifacts = renderPairs(
      Object.entries(manifest.artifacts).map(([id, sha256]) => [id, sha256] as const),
      io.out,
    );
    const choices = renderPairs(leaves(manifest.assumptions, ""), io.out);
    return [about, choices, bars, figures, artifacts].filter((block) => block !== "").join("\n");
  };
  const json = { ...manifest, schema: "onetape.run/1", name, dir, metrics, provenance, tape_problem };
  return { kind: "done", json, human, next: [`onetape replay ${name} --verify`, `onetape events ${name} --limit 20`] };
}

/** The choices of a run, one a line, by path: `execution.fees.model  bps`. */
function leaves(value: Json, path: string): readonly (readonly [string, string])[] {
  if (typeof value === "object" && value !== null && !Array.isArray(value))
    return Object.entries(value).flatMap(([key, inner]) => leaves(inner, path === "" ? key : `${path}.${key}`));
  return [[path, typeof value === "string" ? value : JSON.stringify(value)]];
}

function errorText(error: JsonObject): string {
  const { code, message, handler, bar_ts } = error;
  const where = typeof handler === "string" ? ` in ${handler}` : "";
  const when = typeof bar_ts === "number" ? ` on the bar that closed at ${new Date(bar_ts).toISOString()}` : "";
  return `${String(code)}${where}${when}: ${String(message)}`;
}
