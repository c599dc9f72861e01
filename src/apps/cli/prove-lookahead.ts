import type { Style } from "../../adapters/terminal/style.js";
import { renderPairs } from "../../adapters/terminal/table.js";
import { grouped } from "../../core/numeric/grouped.js";
import type { BacktestPorts } from "../../usecases/backtest-ports.js";
import { type LookaheadFailure, type LookaheadOutcome, type LookaheadReport, proveNoLookahead } from "../../usecases/prove-no-lookahead.js";
import type { BacktestOutcome } from "../../usecases/run-backtest.js";
import type { CommandResult, Invocation } from "./command.js";
import { failureOf } from "./failure.js";

/** Cuts a run that has just been stored; null where there is none to cut. */
export async function proveStored(
  ports: BacktestPorts,
  outcome: BacktestOutcome,
  points: number,
  { io, signal }: Pick<Invocation, "io" | "signal">,
): Promise<LookaheadOutcome | null> {
  if (outcome.kind !== "ok") {
    if (outcome.kind === "failed" || outcome.kind === "mismatch") io.warn("nothing was proved about look-ahead: the run did not end well");
    return null;
  }
  const found = await ports.runs.find(outcome.result.run_id);
  if (found.kind !== "found") return { kind: "impossible", message: `the run ${outcome.result.run_id} is no longer stored` };
  const progress = io.progress("look-ahead", "bars");
  const onProgress = (done: number, total: number): void => progress.update({ done, total, at: null });
  return proveNoLookahead(ports, { run: found.run, points, onProgress, signal }).finally(() => progress.end());
}

/** Adds what the proof came to to the result of the run that it is about. */
export function withProof(result: CommandResult, proof: LookaheadOutcome | null, io: Invocation["io"]): CommandResult {
  if (proof === null || result.kind !== "done") return result;
  const { json, human } = result;
  switch (proof.kind) {
    case "aborted":
      return {
        kind: "aborted",
        kept: "stopped: the run is stored, nothing was proved about look-ahead",
        json: { ...json, lookahead: null },
      };
    case "impossible": {
      const problem = failureOf("LOOKAHEAD", `nothing can be proved: ${proof.message}`, "onetape verify --all", {
        field: "--prove-no-lookahead",
      });
      return { ...result, json: { ...json, lookahead: null }, problem };
    }
    case "report": {
      const { report } = proof;
      const done: CommandResult = {
        ...result,
        json: { ...json, lookahead: report },
        human: async () => `${await human()}\n${renderProof(report, io.out)}`,
      };
      if (report.failure === null) return done;
      return { ...done, problem: failureOf("LOOKAHEAD", inWords(report.failure), `onetape events ${report.run_id} --limit 20`) };
    }
  }
}

function renderProof({ verdict, points, events_compared, failure, notes }: LookaheadReport, style: Style): string {
  const last = points.at(-1);
  const reach = `${points.length} cuts, the last after ${grouped(last?.slices ?? 0)} slices`;
  const words = verdict === "passed" ? style.good("no look-ahead found") : style.bad("LOOKED AHEAD");
  const pairs: (readonly [string, string])[] = [["look-ahead", `${words}: ${reach}, ${grouped(events_compared)} events equal`]];
  if (failure !== null) {
    pairs.push(["cut", `after ${iso(failure.cut.ts)}, ${grouped(failure.cut.slices)} slices`]);
    pairs.push(["whole run", eventText(failure.whole)]);
    pairs.push(["cut run", eventText(failure.without)]);
    for (const { path, left, right } of failure.paths) pairs.push([`  ${path}`, `${JSON.stringify(left)} | ${JSON.stringify(right)}`]);
    if (failure.bar !== null) {
      const { symbol, ts, open, high, low, close, volume } = failure.bar;
      pairs.push([`bar of ${symbol}`, `${iso(ts)} open ${open} high ${high} low ${low} close ${close} volume ${volume}`]);
    }
  }
  for (const note of notes) pairs.push(["not covered", note]);
  return renderPairs(pairs, style);
}

function inWords({ cut, position, whole, without }: LookaheadFailure): string {
  const type = whole?.type ?? without?.type ?? "an event";
  const how = whole === null ? "was decided only without" : without === null ? "was decided only with" : "was decided otherwise with";
  return `position ${position}: ${type} ${how} the bars after ${iso(cut.ts)}`;
}

function eventText(event: LookaheadFailure["whole"]): string {
  return event === null
    ? "nothing"
    : `position ${event.position}, ${event.type} at ${iso(event.occurred_at)} ${JSON.stringify(event.payload)}`;
}

function iso(ts: number): string {
  return new Date(ts).toISOString();
}
