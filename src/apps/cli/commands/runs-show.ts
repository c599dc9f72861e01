import { FileRunStore } from "../../../adapters/run-store/file-run-store.js";
import { grouped } from "../../../adapters/terminal/progress.js";
import { renderPairs, renderTable } from "../../../adapters/terminal/table.js";
import { showRun } from "../../../usecases/find-run.js";
import type { CommandResult, Invocation } from "../command.js";
import { findRun } from "../find-run.js";
import { metricRows } from "../render-backtest.js";

export async function run({ args, io, settings }: Invocation): Promise<CommandResult> {
  const runs = new FileRunStore(settings.home);
  const found = await findRun(runs, args[0] ?? "");
  if (found.kind === "failed") return found;
  const { name, dir, manifest, metrics, provenance } = await showRun({ runs }, found.run);
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
        ["choices", JSON.stringify(manifest.assumptions)],
        ...(manifest.error === undefined ? [] : [["error", JSON.stringify(manifest.error)] as const]),
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
    return [about, bars, figures, artifacts].filter((block) => block !== "").join("\n");
  };
  const json = { ...manifest, schema: "onetape.run/1", name, dir, metrics, provenance };
  return { kind: "done", json, human, next: [`onetape replay ${name} --verify`, `onetape events ${name} --limit 20`] };
}
