/** The engine's thread: takes a task, runs it to its end, hands accepted events over in blocks. */
import { type MessagePort, parentPort, receiveMessageOnPort } from "node:worker_threads";
import { EngineControl } from "../../adapters/engine-host/engine-control.js";
import type { ArrivalMessage, EngineMessage, RunMessage } from "../../adapters/engine-host/engine-messages.js";
import { sha256 } from "../../adapters/node-hash/sha256.js";
import { instantiateStrategy } from "../../adapters/strategy-loader/instantiate-strategy.js";
import type { Arrival, Arrivals } from "../../core/engine/arrival-feed.js";
import { Engine } from "../../core/engine/engine.js";
import type { EngineSpec } from "../../core/engine/engine-spec.js";
import { runCatalogue } from "../../core/engine/run-event-schemas.js";
import { StrategyFailure } from "../../core/engine/strategy-runner.js";
import { calendarById } from "../../core/market/calendars/registry.js";
import { GrowingBars } from "../../core/market/growing-bars.js";
import type { AnyStrategy } from "../../core/strategy/strategy.js";
import { Digester } from "../../core/tape/block-digests.js";
import { BlockTapeWriter } from "../../core/tape/block-tape-writer.js";
import { NullTapeWriter } from "../../core/tape/null-tape-writer.js";
import { TapeStopped } from "../../core/tape/tape-stopped.js";
import type { EngineTask, ReportedFailure } from "../../ports/engine-host.js";
import type { TapeWriter } from "../../ports/tape-writer.js";
import { driveBacktest } from "../../usecases/drive-backtest.js";

const port = parentPort;
if (port === null) throw new Error("the engine worker is started by the engine host");

port.on("message", (message: RunMessage) => {
  port.postMessage(run(message, (m) => port.postMessage(m)));
  message.arrivals?.close();
});

function run({ task, control: buffer, arrivals }: RunMessage, post: (message: EngineMessage) => void): EngineMessage {
  const control = new EngineControl(buffer);
  try {
    const digester = task.log === undefined ? null : new Digester(task.log, runCatalogue, sha256);
    const tape: TapeWriter = task.tape
      ? new BlockTapeWriter({
          catalogue: runCatalogue,
          mode: task.append,
          emit: (block) => post({ kind: "block", block: digester === null ? block : { ...block, digests: digester.next(block) } }),
          awaitCommit: (position) => {
            if (!control.awaitCommit(position)) throw new TapeStopped("the writer gave up", control.committed);
          },
        })
      : new NullTapeWriter();
    const started = performance.now();
    // The main thread validated what this bundle exports before it handed it over.
    const strategy = instantiateStrategy(task.bundle) as AnyStrategy;
    const engine = new Engine({
      started: task.started,
      config: task.config,
      strategy,
      ...barsOf(task, strategy, () => nextBars(arrivals, control, post)),
      inputs: task.inputs,
      hash: sha256,
      onSlice: (slices, bars, ts) => control.publish(slices, bars, ts),
      ...(task.explain === undefined ? {} : { onJudged: tellOf(task.explain, post) }),
    });
    driveBacktest(engine, tape);
    const { bars, slices, failure } = engine;
    const engine_ms = performance.now() - started;
    return {
      kind: "done",
      bars,
      slices,
      events: tape.position,
      counts: { ...engine.state.counts },
      engine_ms,
      failure: failure === null ? null : report(failure),
    };
  } catch (error) {
    if (error instanceof TapeStopped) return { kind: "tape_stopped", cause: error.message };
    // A strategy whose state or indicators cannot even be made never starts a tape.
    if (error instanceof StrategyFailure)
      return {
        kind: "done",
        bars: 0,
        slices: 0,
        events: 0,
        counts: { signals: 0, orders: 0, fills: 0 },
        engine_ms: 0,
        failure: report(error),
      };
    const fault = error instanceof Error ? error : new Error(String(error));
    return { kind: "crashed", message: fault.message, stack: fault.stack ?? "" };
  }
}

/** Tells of the decisions on one order. */
function tellOf(orderId: string, post: (message: EngineMessage) => void): NonNullable<EngineSpec["onJudged"]> {
  return (judged, read) => {
    if (judged.order_id === orderId) post({ kind: "judged", judged: { ...judged, readings: read() } });
  };
}

/** The bars of a run, or those of a session as they come. */
function barsOf(task: EngineTask, strategy: AnyStrategy, next: Arrivals["next"]): Pick<EngineSpec, "instruments" | "arriving"> {
  const { arriving, config } = task;
  if (arriving === undefined) return { instruments: task.instruments };
  const bars = arriving.shapes.map(
    (shape, i) => new GrowingBars(shape, calendarById(config.instruments[i]?.calendar ?? ""), strategy.meta.session),
  );
  return {
    instruments: bars.map(({ columns, sessions }) => ({ columns, sessions, session_sha256: [] })),
    arriving: { opening: arriving.opening, source: { next }, bars },
  };
}

/** Waits for the next bars. @throws {TapeStopped} when the session is stopped meanwhile. */
function nextBars(arrivals: MessagePort | undefined, control: EngineControl, post: (message: EngineMessage) => void): Arrival | null {
  if (arrivals === undefined) return null;
  post({ kind: "wants_bars" });
  // A thread that waits hears no event: it looks for itself.
  const message = control.awaitArrival(() => receiveMessageOnPort(arrivals)?.message as ArrivalMessage | undefined);
  if (message === null) throw new TapeStopped("the session was stopped", control.committed);
  return message.slice;
}

function report(failure: StrategyFailure): ReportedFailure {
  const { code, message, handler, bar_ts, cause } = failure;
  return { code, message, handler, bar_ts, stack: cause instanceof Error ? (cause.stack ?? "") : "" };
}
