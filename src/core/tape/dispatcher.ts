import type { TapeEvent } from "./event.js";

/** Called with every stored event of its type, in order of position. Synchronous: it returns nothing. */
export type EventHandler = (event: TapeEvent) => void;

/** A handler returned a promise. What it would do later could not be ordered or replayed, so it is refused. */
export class AsyncHandlerRefused extends Error {
  override readonly name = "AsyncHandlerRefused";
}

/**
 * Publish and subscribe within one thread: handlers see an event only after the store has taken it.
 *
 * Who dispatches decides when: see the use case that appends and then dispatches.
 */
export class Dispatcher {
  readonly #subscriptions: { readonly type: string; readonly handler: EventHandler }[] = [];

  /**
   * @param type an event type, or `*` for all.
   * @returns a function that ends the subscription.
   */
  subscribe(type: string, handler: EventHandler): () => void {
    const subscription = { type, handler };
    this.#subscriptions.push(subscription);
    return () => {
      const at = this.#subscriptions.indexOf(subscription);
      if (at >= 0) this.#subscriptions.splice(at, 1);
    };
  }

  /**
   * Hands events to their handlers: events in order, handlers in order of subscription.
   *
   * @throws {AsyncHandlerRefused} when a handler returns a promise; whatever a handler throws passes through. Later handlers do not run.
   */
  dispatch(events: readonly TapeEvent[]): void {
    for (const event of events) {
      for (const { type, handler } of [...this.#subscriptions]) {
        if (type !== "*" && type !== event.type) continue;
        const returned: unknown = handler(event);
        if (!isThenable(returned)) continue;
        returned.then(ignore, ignore);
        throw new AsyncHandlerRefused(
          `the handler of ${type} returned a promise for the event at position ${event.position} of ${event.log}; handlers are synchronous`,
        );
      }
    }
  }
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === "object" && value !== null && "then" in value && typeof value.then === "function";
}

/** The refusal is reported at once; how the promise ends no longer matters and must not end the process. */
function ignore(): void {}
