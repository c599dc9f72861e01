import type { PipelineStep } from "../../usecases/pipeline-report.js";
import type { OpenCalculations } from "../library/calculations.js";
import type { CommandResult } from "./command.js";
import type { Io } from "./io.js";

/** A capture that a number rests on. */
export interface SourceOfNumber {
  readonly capture_id: string;
  readonly week_ending: string;
  readonly tier: string;
  readonly captured_at: number;
  readonly source_last_update: string | null;
  readonly file: string;
  readonly sha256: string;
  readonly raw_count: number;
}

/** The captures behind capture ids and sets, each once, ascending by week and tier. */
export function sourcesOf({ log }: Pick<OpenCalculations, "log">, ids: readonly (string | null)[]): readonly SourceOfNumber[] {
  const { index } = log;
  const members = ids.flatMap((id) => (id === null ? [] : (index.captureSet(id)?.members ?? [id])));
  const found = [...new Set(members)].flatMap((id) => index.capture(id) ?? []);
  return found
    .map(({ capture_id, week_ending, tier, captured_at, event }) => ({
      capture_id,
      week_ending,
      tier,
      captured_at,
      source_last_update: event.clocks.source_last_update,
      file: event.source.file,
      sha256: event.source.sha256,
      raw_count: event.raw_count,
    }))
    .sort((a, b) => (`${a.week_ending}|${a.tier}` < `${b.week_ending}|${b.tier}` ? -1 : 1));
}

/** Adds to a result what its numbers rest on. */
export function explainSource(
  result: CommandResult,
  calculations: OpenCalculations,
  steps: readonly PipelineStep[],
  io: Io,
): CommandResult {
  if (result.kind !== "done") return result;
  const sources = sourcesOf(
    calculations,
    steps.map(({ capture_id }) => capture_id),
  );
  return {
    ...result,
    json: { ...result.json, sources },
    human: async () => `${await result.human()}${sourceLines(sources, io)}`,
  };
}

/** A line per capture: its three clocks, its file and the beginning of its hash. */
export function sourceLines(sources: readonly SourceOfNumber[], { out }: Pick<Io, "out">): string {
  if (sources.length === 0) return "";
  const lines = sources.map(
    ({ capture_id, week_ending, captured_at, source_last_update, file, sha256 }) =>
      `  ${capture_id}  week ${week_ending}, source ${source_last_update ?? "unknown"}, taken ${new Date(captured_at).toISOString()}  ${out.dim(`${file} ${sha256.slice(0, 12)}`)}\n`,
  );
  return `rests on\n${lines.join("")}`;
}
