import { MessageChannel, type MessagePort } from "node:worker_threads";
import type { Arrival } from "../../core/engine/arrival-feed.js";
import type { EngineControl } from "./engine-control.js";
import type { ArrivalMessage } from "./engine-messages.js";

/** Hands a session's bars to the engine's thread, one slice for each time it asks. */
export class ArrivalPump {
  /** The engine's end of the line. */
  readonly port: MessagePort;
  readonly #own: MessagePort;
  readonly #slices: AsyncIterator<Arrival>;
  readonly #control: EngineControl;
  readonly #onError: (error: Error) => void;
  #closed = false;

  constructor(slices: AsyncIterable<Arrival>, control: EngineControl, onError: (error: Error) => void) {
    const { port1, port2 } = new MessageChannel();
    this.#own = port1;
    this.port = port2;
    this.#slices = slices[Symbol.asyncIterator]();
    this.#control = control;
    this.#onError = onError;
  }

  /** Sends the next slice as soon as there is one. */
  send(): void {
    this.#slices.next().then(
      (next) => this.#post({ slice: next.done === true ? null : next.value }),
      (error: unknown) => this.#onError(error instanceof Error ? error : new Error(String(error))),
    );
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#own.close();
    // A source that waits for its next bar is not waited for.
    void this.#slices.return?.();
  }

  #post(message: ArrivalMessage): void {
    if (this.#closed) return;
    this.#own.postMessage(message);
    this.#control.arrived();
  }
}
