/** A replay that tells how fast each level went. */
import type { Telemetry } from "../ports/telemetry.js";
import type { LevelVerdict } from "./replay-levels.js";
import type { ReplayOutcome, ReplayRequest } from "./replay-run.js";

export type Replay = (request: ReplayRequest) => Promise<ReplayOutcome>;

export function observedReplay(replay: Replay, telemetry: Telemetry): Replay {
  return async (request) => {
    const span = telemetry.span("replay run", { "onetape.run": request.run.name });
    const proved: { readonly verdict: LevelVerdict; readonly seconds: number }[] = [];
    let since = telemetry.elapsed();
    const onVerdict = (verdict: LevelVerdict): void => {
      const now = telemetry.elapsed();
      proved.push({ verdict, seconds: (now - since) / 1_000 });
      since = now;
      request.onVerdict?.(verdict);
    };
    let failure = "exception";
    try {
      const outcome = await replay({ ...request, onVerdict });
      failure = outcome.kind === "report" ? (outcome.report.verified ? "" : "mismatch") : outcome.kind;
      if (outcome.kind === "report") for (const { verdict, seconds } of proved) tell(verdict, seconds, outcome.report.head.position);
      return outcome;
    } finally {
      span.end({ "onetape.replay.levels": proved.length }, failure === "" ? null : failure);
    }
  };

  /** A level that held went through the whole tape, whatever it counts. */
  function tell({ level, passed, position, checked, message }: LevelVerdict, seconds: number, head: number): void {
    const labels = { "onetape.replay.level": level, "onetape.replay.passed": passed };
    const events = passed ? head : (position ?? checked);
    telemetry.record("onetape.replay.events", events, labels);
    telemetry.record("onetape.replay.duration", seconds, labels);
    if (seconds > 0) telemetry.record("onetape.replay.rate", events / seconds, labels);
    telemetry.log(passed ? "info" : "error", "onetape.replay.level", message, labels);
  }
}
