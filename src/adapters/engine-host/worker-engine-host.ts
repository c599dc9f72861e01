import { Worker } from "node:worker_threads";
import type { EngineHost, EngineOutcome, EngineRunOptions, EngineTask } from "../../ports/engine-host.js";
import { ArrivalPump } from "./arrival-pump.js";
import { EngineControl } from "./engine-control.js";
import type { EngineMessage, RunMessage } from "./engine-messages.js";
import { TICK_MS, Watchdog } from "./watchdog.js";

/** The engine's thread failed in a way that is no strategy's fault. */
export class EngineCrashed extends Error {
  override readonly name = "EngineCrashed";
}

/**
 * Runs engines on a worker thread; this thread writes the tape and watches the clock.
 *
 * Blocks are written in order, one at a time; the engine is held back once a few are in flight. A handler that exceeds its budget
 * is ended with its thread, since a synchronous loop cannot be interrupted otherwise.
 */
export class WorkerEngineHost implements EngineHost {
  readonly #entry: URL;
  #worker: Worker | null = null;
  #busy = false;

  /** @param entry the worker's bundled file. */
  constructor(entry: URL) {
    this.#entry = entry;
  }

  prepare(): void {
    this.#worker ??= this.#spawn();
    // A thread that waits for work keeps nobody from leaving.
    if (!this.#busy) this.#worker.unref();
  }

  async run(task: EngineTask, options: EngineRunOptions): Promise<EngineOutcome> {
    if (this.#busy) throw new Error("this engine host is running already; make another for a second run");
    if (options.signal?.aborted === true) return { kind: "aborted" };
    this.#busy = true;
    try {
      return await this.#run(task, options);
    } finally {
      this.#busy = false;
    }
  }

  async close(): Promise<void> {
    const worker = this.#worker;
    this.#worker = null;
    await worker?.terminate();
  }

  async #run(task: EngineTask, options: EngineRunOptions): Promise<EngineOutcome> {
    const control = new EngineControl();
    const worker = this.#worker ?? this.#spawn();
    this.#worker = worker;
    worker.ref();
    let ended: EngineOutcome | null = null;
    let writing: Promise<void> = Promise.resolve();
    const outcome = await new Promise<EngineOutcome>((resolve, reject) => {
      const finish = (result: EngineOutcome): void => {
        ended ??= result;
        resolve(ended);
      };
      const onMessage = (message: EngineMessage): void => {
        switch (message.kind) {
          case "block":
            writing = writing.then(() => this.#write(message.block, options, control, finish)).catch(reject);
            return;
          case "judged":
            options.onJudged?.(message.judged);
            return;
          case "wants_bars":
            bars?.send();
            return;
          case "done": {
            const { bars, slices, events, counts, engine_ms, failure } = message;
            void writing.then(() => finish({ kind: "completed", bars, slices, events, counts, engine_ms, failure }));
            return;
          }
          case "tape_stopped":
            void writing.then(() => finish({ kind: "tape_stopped", cause: message.cause }));
            return;
          case "crashed":
            reject(Object.assign(new EngineCrashed(message.message), { stack: message.stack }));
            return;
        }
      };
      const onError = (error: Error): void => reject(error);
      const onExit = (code: number): void => reject(new EngineCrashed(`the engine's thread ended with code ${code}`));
      const watchdog = new Watchdog(control, options.time_budget_ms);
      const look = (): void => {
        const { slices, bars, ts } = control;
        const seen = watchdog.look();
        if (seen === "moved") options.onProgress?.({ bars, slices, ts });
        else if (seen === "over_budget") finish({ kind: "over_budget", slices, bars });
      };
      const onAbort = (): void => finish({ kind: "aborted" });
      options.signal?.addEventListener("abort", onAbort, { once: true });
      const timer = setInterval(look, TICK_MS);
      worker.on("message", onMessage).on("error", onError).on("exit", onExit);
      const bars = options.arrivals === undefined ? null : new ArrivalPump(options.arrivals, control, reject);
      const release = (): void => {
        clearInterval(timer);
        bars?.close();
        options.signal?.removeEventListener("abort", onAbort);
        worker.off("message", onMessage).off("error", onError).off("exit", onExit);
      };
      this.#release = release;
      const run: RunMessage = { task, control: control.buffer, ...(bars === null ? {} : { arrivals: bars.port }) };
      worker.postMessage(run, bars === null ? [] : [bars.port]);
    }).catch(async (error: unknown) => {
      this.#release();
      control.stop();
      await this.close();
      throw error;
    });
    this.#release();
    if (outcome.kind === "completed") {
      worker.unref();
      return outcome;
    }
    control.stop();
    await this.close();
    await writing;
    return outcome;
  }

  #release: () => void = () => {};

  async #write(
    block: Parameters<EngineRunOptions["onBlock"]>[0],
    options: EngineRunOptions,
    control: EngineControl,
    finish: (outcome: EngineOutcome) => void,
  ): Promise<void> {
    const result = await options.onBlock(block);
    if (result.kind === "committed") {
      control.commit(block.first_position + block.count - 1);
      return;
    }
    control.stop();
    finish({ kind: "tape_stopped", cause: result.cause });
  }

  #spawn(): Worker {
    const worker = new Worker(this.#entry, { name: "onetape-engine" });
    // A thread that died while it waited is no use to the next run, which starts another and meets the same error.
    worker.on("error", () => {});
    worker.once("exit", () => {
      if (this.#worker === worker) this.#worker = null;
    });
    return worker;
  }
}
