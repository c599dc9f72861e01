import { Worker } from "node:worker_threads";
import type { PointOutcome, PointPool, PointPoolOptions, PointTask, SweepTask } from "../../ports/point-pool.js";
import { EngineControl } from "./engine-control.js";
import type { FromPointWorker, ToPointWorker } from "./point-messages.js";
import { TICK_MS, Watchdog } from "./watchdog.js";
import { EngineCrashed } from "./worker-engine-host.js";

/**
 * Runs points on worker threads, one point a thread at a time. A point that exceeds a budget is ended with its thread, since a synchronous
 * loop cannot be interrupted otherwise; another thread takes the place.
 */
export class WorkerPointPool implements PointPool {
  readonly #entry: URL;

  /** @param entry the worker's bundled file. */
  constructor(entry: URL) {
    this.#entry = entry;
  }

  async run(task: SweepTask, points: Iterable<PointTask>, options: PointPoolOptions): Promise<"completed" | "aborted"> {
    if (options.signal?.aborted === true) return "aborted";
    const queue = points[Symbol.iterator]();
    const lanes = new Set<Lane>();
    let timer: NodeJS.Timeout | undefined;
    let onAbort = (): void => {};
    try {
      return await new Promise<"completed" | "aborted">((resolve, reject) => {
        onAbort = () => resolve("aborted");
        options.signal?.addEventListener("abort", onAbort, { once: true });
        timer = setInterval(() => {
          for (const lane of lanes) lane.look();
        }, TICK_MS);
        const open = (first: PointTask): void => {
          const lane = new Lane(this.#entry, task, options, {
            onOutcome(outcome) {
              options.onOutcome(outcome);
              const next = queue.next();
              // A lane whose point was ended has lost its thread.
              if (outcome.kind === "finished" && next.done !== true) return lane.start(next.value);
              lanes.delete(lane);
              void lane.close();
              if (next.done !== true) open(next.value);
              else if (lanes.size === 0) resolve("completed");
            },
            onCrash: reject,
          });
          lanes.add(lane);
          lane.start(first);
        };
        for (let n = 0; n < options.workers; n++) {
          const next = queue.next();
          if (next.done === true) break;
          open(next.value);
        }
        if (lanes.size === 0) resolve("completed");
      });
    } finally {
      clearInterval(timer);
      options.signal?.removeEventListener("abort", onAbort);
      await Promise.all([...lanes].map((lane) => lane.close()));
    }
  }
}

interface LaneEvents {
  readonly onOutcome: (outcome: PointOutcome) => void;
  readonly onCrash: (error: Error) => void;
}

/** One thread and the point in its hands. */
class Lane {
  readonly #worker: Worker;
  readonly #options: PointPoolOptions;
  readonly #events: LaneEvents;
  #current: { readonly point: number; readonly watchdog: Watchdog } | null = null;
  #closed = false;

  constructor(entry: URL, task: SweepTask, options: PointPoolOptions, events: LaneEvents) {
    this.#options = options;
    this.#events = events;
    this.#worker = new Worker(entry, { name: "onetape-sweep" });
    this.#worker.on("message", (message: FromPointWorker) => this.#take(message));
    this.#worker.on("error", (error) => this.#fail(error));
    this.#worker.on("exit", (code) => this.#fail(new EngineCrashed(`a thread of the sweep ended with code ${code}`)));
    this.#post({ kind: "sweep", task });
  }

  start(task: PointTask): void {
    const control = new EngineControl();
    this.#current = { point: task.point, watchdog: new Watchdog(control, this.#options.time_budget_ms) };
    this.#post({ kind: "point", task, control: control.buffer });
  }

  /** Ends the point in hand where it took too long. */
  look(): void {
    if (this.#current === null) return;
    const { point, watchdog } = this.#current;
    const late =
      watchdog.look() === "over_budget" ? "handler" : watchdog.spent_ms > (this.#options.point_budget_ms ?? Infinity) ? "point" : null;
    if (late === null) return;
    this.#current = null;
    void this.close();
    this.#events.onOutcome({ kind: "over_budget", point, budget: late });
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#worker.terminate();
  }

  #take(message: FromPointWorker): void {
    if (this.#closed) return;
    if (message.kind === "crashed") {
      this.#fail(Object.assign(new EngineCrashed(message.message), { stack: message.stack }));
      return;
    }
    this.#current = null;
    this.#events.onOutcome(message);
  }

  #fail(error: Error): void {
    if (!this.#closed) this.#events.onCrash(error);
  }

  #post(message: ToPointWorker): void {
    this.#worker.postMessage(message);
  }
}
