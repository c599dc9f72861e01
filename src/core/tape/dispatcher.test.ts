import { describe, expect, test } from "vitest";
import { storedLog } from "../../../test/support/stored-log.js";
import { AsyncHandlerRefused, Dispatcher, type EventHandler } from "./dispatcher.js";

const { events } = storedLog([{ type: "money.deposited" }, { type: "money.moved" }], 2);

/** A dispatcher and the calls that its handlers saw, as `handler:position`. */
function traced(): { dispatcher: Dispatcher; calls: string[]; on: (type: string, name: string) => () => void } {
  const dispatcher = new Dispatcher();
  const calls: string[] = [];
  const on = (type: string, name: string): (() => void) =>
    dispatcher.subscribe(type, (event) => {
      calls.push(`${name}:${event.position}`);
    });
  return { dispatcher, calls, on };
}

/** A handler that returns what handlers may not. */
function badHandler(returned: unknown): EventHandler {
  return () => returned as undefined;
}

describe("a dispatcher", () => {
  test("hands events over in order, to handlers in order of subscription", () => {
    const { dispatcher, calls, on } = traced();
    on("money.moved", "moved");
    on("*", "all");
    on("money.deposited", "deposited");
    on("money.lent", "never");
    dispatcher.dispatch(events);
    expect(calls).toEqual(["all:1", "deposited:1", "moved:2", "all:2"]);
  });

  test("forgets one subscription at a time, however often it is ended", () => {
    const { dispatcher, calls, on } = traced();
    on("*", "first");
    const end = on("*", "second");
    on("*", "third");
    end();
    end();
    dispatcher.dispatch(events.slice(0, 1));
    expect(calls).toEqual(["first:1", "third:1"]);
    const { dispatcher: other, calls: none, on: first } = traced();
    first("*", "only")();
    other.dispatch(events);
    expect(none).toEqual([]);
  });

  test("finishes an event with the handlers that stood when it came", () => {
    const { dispatcher, calls, on } = traced();
    const end = dispatcher.subscribe("*", () => {
      end();
      on("*", "late");
    });
    on("*", "early");
    dispatcher.dispatch(events);
    expect(calls).toEqual(["early:1", "early:2", "late:2"]);
  });

  test("lets what a handler throws pass, and runs no later handler", () => {
    const { dispatcher, calls, on } = traced();
    dispatcher.subscribe("*", () => {
      throw new Error("the handler broke");
    });
    on("*", "later");
    expect(() => dispatcher.dispatch(events)).toThrow(new Error("the handler broke"));
    expect(calls).toEqual([]);
  });

  test("refuses a handler that returns a promise, whatever becomes of it", () => {
    const { dispatcher, calls, on } = traced();
    dispatcher.subscribe("money.moved", badHandler(Promise.reject(new Error("nobody waits"))));
    on("*", "later");
    expect(() => dispatcher.dispatch(events)).toThrow(
      new AsyncHandlerRefused(
        "the handler of money.moved returned a promise for the event at position 2 of run/one; handlers are synchronous",
      ),
    );
    expect(calls).toEqual(["later:1"]);
  });

  test.each([undefined, null, 7, "then", {}, JSON.parse('{"then":7}'), [() => {}]])("takes %o for no promise", (returned) => {
    const { dispatcher, calls, on } = traced();
    dispatcher.subscribe("*", badHandler(returned));
    on("*", "later");
    dispatcher.dispatch(events.slice(0, 1));
    expect(calls).toEqual(["later:1"]);
  });

  test("refuses anything that can be waited for", () => {
    const { dispatcher } = traced();
    // biome-ignore lint/suspicious/noThenProperty: something that can be waited for is what this is about
    dispatcher.subscribe("*", badHandler({ then: () => {} }));
    expect(() => dispatcher.dispatch(events)).toThrow(expect.objectContaining({ name: "AsyncHandlerRefused" }));
  });
});
