import { describe, expect, it } from "vitest";
import { type RawBar, type Readiness, ReadinessBook } from "./readiness.js";

const T = 1_704_200_400_000;
const bar = (ts: unknown, more: Partial<RawBar> = {}): RawBar => ({ ts, open: 1, high: 2, low: 1, close: 2, volume: 0, ...more });

const state = (book: ReadinessBook, symbol: string, now: number): Readiness => {
  const { age_ms, faults } = book.of(symbol).at(now);
  return { age_ms, faults };
};

describe("the readiness of bars", () => {
  it("is the age of the newest closed bar, counted from its close", () => {
    const book = new ReadinessBook();
    expect(state(book, "AAA", T)).toEqual({ age_ms: null, faults: [] });
    expect(book.of("AAA").observe(bar(T))).toEqual([]);
    expect(state(book, "AAA", T + 89_000)).toEqual({ age_ms: 89_000, faults: [] });
    expect(state(book, "BBB", T)).toEqual({ age_ms: null, faults: [] });
    book.of("AAA").closed(T + 60_000);
    expect(state(book, "AAA", T + 89_000)).toEqual({ age_ms: 29_000, faults: [] });
  });

  it.each<[string, RawBar, readonly string[]]>([
    ["a duplicate", bar(T), ["DUPLICATE_BAR"]],
    ["a bar older than the newest", bar(T - 60_000), ["OUT_OF_ORDER_BAR"]],
    ["a missing field", bar(T + 60_000, { close: undefined }), ["MISSING_FIELD"]],
    ["a field that is no number", bar(T + 60_000, { volume: Number.NaN }), ["MISSING_FIELD"]],
    ["a time without a zone", bar("2024-01-02T13:01:00"), ["NAIVE_TIME"]],
    ["no time at all", bar(undefined), ["MISSING_FIELD"]],
    ["a text that is no time", bar("yesterday"), ["MISSING_FIELD"]],
    ["a date without a time", bar("2024-01-02"), ["MISSING_FIELD"]],
    ["a duplicate without its volume", bar(T, { volume: undefined }), ["DUPLICATE_BAR", "MISSING_FIELD"]],
  ])("names %s, and keeps it until a sound bar has closed", (_, faulty, faults) => {
    const book = new ReadinessBook();
    book.of("AAA").observe(bar(T));
    expect(book.of("AAA").observe(faulty)).toEqual(faults);
    expect(state(book, "AAA", T + 60_000)).toEqual({ age_ms: 60_000, faults });
    expect(book.of("AAA").observe(bar(T + 60_000))).toEqual([]);
    expect(state(book, "AAA", T + 60_000)).toEqual({ age_ms: 0, faults: [] });
  });

  it("reads times with a zone as instants", () => {
    const book = new ReadinessBook();
    expect(book.of("AAA").observe(bar("2024-01-02T14:00:00+01:00"))).toEqual([]);
    expect(state(book, "AAA", Date.UTC(2024, 0, 2, 13, 0, 1)).age_ms).toBe(1000);
    expect(book.of("AAA").observe(bar("2024-01-02T13:00:00Z"))).toEqual(["DUPLICATE_BAR"]);
  });

  it("waits for bars to close", () => {
    const book = new ReadinessBook();
    book.of("AAA").observe(bar(T));
    expect(book.of("AAA").observe(bar(T + 60_000, { is_closed: false }))).toEqual([]);
    expect(state(book, "AAA", T + 60_000).age_ms).toBe(60_000);
  });
});
