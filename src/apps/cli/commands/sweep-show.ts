import { writeFile } from "node:fs/promises";
import { sweepCharts } from "../../../adapters/charts/sweep-page.js";
import { sha256 } from "../../../adapters/node-hash/sha256.js";
import { FileSweepStore } from "../../../adapters/sweep-store/file-sweep-store.js";
import { type ShownSweep, showSweep } from "../../../usecases/show-sweep.js";
import type { CommandResult, Invocation } from "../command.js";
import { failureOf } from "../failure.js";
import { findSweep } from "../find-sweep.js";
import { renderSweep, SHOWN_POINTS } from "../render-sweep.js";
import { isGoal } from "./sweep.js";

export async function run({ args, flags, io, settings }: Invocation): Promise<CommandResult> {
  const sweeps = new FileSweepStore(settings.home, sha256);
  const found = await findSweep(sweeps, args[0] ?? "");
  if (found.kind === "failed") return found;
  const metric = flags.text("metric");
  const goal = flags.text("goal");
  const answer = await showSweep({ sweeps }, found.sweep, {
    ...(metric === undefined ? {} : { metric }),
    ...(isGoal(goal) ? { goal } : {}),
  });
  if (answer.kind === "invalid")
    return {
      kind: "failed",
      failure: failureOf("USAGE", answer.message, "onetape sweep show --help", { field: "--metric", expected: answer.expected }),
    };
  const { shown } = answer;
  for (const line of shown.damaged) io.warn(`${line} of the sweep was changed after it was written, and is left out`);
  const output = flags.text("output");
  if (output !== undefined) return save(shown, output, io);
  if (flags.on("ndjson")) {
    for (const point of shown.points) await io.write(`${JSON.stringify({ sweep_id: found.sweep.sweep_id, ...point })}\n`);
    return { kind: "streamed" };
  }
  const top = flags.number("top") ?? SHOWN_POINTS;
  const { manifest, dir, sweep_id, provenance } = shown.sweep;
  const { ranking, summary, ranked } = shown;
  const about = `${io.out.dim("sweep")}     ${io.out.bold(sweep_id)}  ${manifest.status}, ${shown.points.length} of ${manifest.points} points\n${io.out.dim("strategy")}  ${manifest.strategy.name} ${manifest.strategy.version}\n`;
  return {
    kind: "done",
    json: {
      ...manifest,
      schema: "onetape.sweep/1",
      dir,
      ranking,
      summary,
      done: shown.points.length,
      top: ranked.slice(0, top),
      provenance,
    },
    human: async () => `${about}\n${await renderSweep(shown, top, io.width, io.out)}`,
    next: summary.best === null ? [] : [`onetape sweep open ${sweep_id.slice(0, 12)}`],
  };
}

/** The heat map as a file of its own. */
async function save(shown: ShownSweep, output: string, io: Invocation["io"]): Promise<CommandResult> {
  const { map, summary } = shown;
  const { manifest, sweep_id } = shown.sweep;
  const svg = output.endsWith(".svg");
  if (!svg && !output.endsWith(".html") && output !== "-") {
    const message = `${output} is neither a page nor a picture`;
    return {
      kind: "failed",
      failure: failureOf("USAGE", message, "onetape sweep show --help", {
        field: "--output",
        expected: "a name that ends in .html or .svg",
      }),
    };
  }
  const { name, version } = manifest.strategy;
  const facts = { sweep_id, strategy: `${name} ${version}`, bars: manifest.bars, points: manifest.points, summary };
  const text = svg ? sweepCharts.svg(map) : sweepCharts.page(map, facts);
  if (output === "-") {
    await io.write(text);
    return { kind: "streamed" };
  }
  await writeFile(output, text);
  return {
    kind: "done",
    json: { schema: "onetape.sweep-chart/1", sweep_id, path: output, bytes: Buffer.byteLength(text) },
    human: () => `${output}\n`,
  };
}
