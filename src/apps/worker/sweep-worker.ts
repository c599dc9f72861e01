/** A thread of a sweep: takes what all points share once, then runs one point after the other. */
import { parentPort } from "node:worker_threads";
import { EngineControl } from "../../adapters/engine-host/engine-control.js";
import type { FromPointWorker, ToPointWorker } from "../../adapters/engine-host/point-messages.js";
import { sha256 } from "../../adapters/node-hash/sha256.js";
import { instantiateStrategy } from "../../adapters/strategy-loader/instantiate-strategy.js";
import type { AnyStrategy } from "../../core/strategy/strategy.js";
import type { PointTask, SweepTask } from "../../ports/point-pool.js";
import { runPoint } from "../../usecases/run-point.js";

const port = parentPort;
if (port === null) throw new Error("the sweep worker is started by the point pool");

let sweep: SweepTask | null = null;
port.on("message", (message: ToPointWorker) => {
  if (message.kind === "sweep") sweep = message.task;
  else port.postMessage(answer(sweep, message.task, new EngineControl(message.control)));
});

function answer(shared: SweepTask | null, task: PointTask, control: EngineControl): FromPointWorker {
  try {
    if (shared === null) throw new Error("a point came before its sweep");
    const figures = runPoint(shared, task, {
      // Evaluated anew for every point, so that nothing which one point left behind reaches the next. The main thread has validated it.
      strategy: instantiateStrategy(shared.bundle) as AnyStrategy,
      hash: sha256,
      onSlice: (slices, bars, ts) => control.publish(slices, bars, ts),
    });
    return { kind: "finished", point: task.point, figures };
  } catch (error) {
    const fault = error instanceof Error ? error : new Error(String(error));
    return { kind: "crashed", message: fault.message, stack: fault.stack ?? "" };
  }
}
