import { expect, test } from "vitest";
import { type Progress, showProgress } from "./progress.js";
import { makeStyle, wantsColor } from "./style.js";

function screen(isTerminal: boolean, width = 120): { progress: Progress; written: string[]; at: (ms: number) => void } {
  let time = 0;
  const written: string[] = [];
  const progress = showProgress({
    label: "backtest",
    unit: "bars",
    isTerminal,
    width: () => width,
    write: (text) => written.push(text),
    style: makeStyle(false),
    now: () => time,
  });
  return { progress, written, at: (ms) => (time = ms) };
}

const noon = Date.parse("2024-03-01T12:00:00Z");

test("a bar shows rate, done, total, time left and the simulated date", () => {
  const { progress, written, at } = screen(true);
  at(1000);
  progress.update({ done: 0, total: 1_000_000, at: null });
  at(3000);
  progress.update({ done: 250_000, total: 1_000_000, at: noon });
  expect(written.map((text) => text.replace("\r\u001b[2K", ""))).toEqual([
    "backtest [------------------------]  0%  0/1,000,000 bars",
    "backtest [######------------------] 25%  250,000/1,000,000 bars  125,000/s  6 s left  2024-03-01 12:00",
  ]);
});

test("a bar draws at most ten times a second and leaves nothing behind", () => {
  const { progress, written, at } = screen(true);
  for (let ms = 0; ms < 1000; ms += 1) {
    at(ms);
    progress.update({ done: ms, total: 1000, at: null });
  }
  expect(written).toHaveLength(10);
  progress.end();
  progress.end();
  expect(written.slice(10)).toEqual(["\r\u001b[2K"]);
});

test("on a terminal of 80 columns the bar takes the room that is left", () => {
  const { progress, written, at } = screen(true, 80);
  progress.update({ done: 0, total: 7800, at: null });
  at(1000);
  progress.update({ done: 3900, total: 7800, at: noon });
  const [, line = ""] = written.map((text) => text.replace("\r\u001b[2K", ""));
  expect(line).toMatch(/^backtest \[#+-+\] 50% {2}3,900\/7,800 bars {2}3,900\/s {2}1 s left {2}2024-03-01 12:00$/);
  expect(line.length).toBeLessThan(80);
});

test("a bar whose work changes says so at once and counts the new work's own rate", () => {
  const { progress, written, at } = screen(true);
  at(1000);
  progress.update({ done: 900, total: 1000, at: noon });
  at(1010);
  const phase = { label: "artifacts", unit: "events" };
  progress.update({ done: 0, total: 50_000, at: null, phase });
  at(2010);
  progress.update({ done: 10_000, total: 50_000, at: null, phase });
  expect(written.slice(1).map((text) => text.replace("\r\u001b[2K", ""))).toEqual([
    "artifacts [------------------------]  0%  0/50,000 events",
    "artifacts [####--------------------] 20%  10,000/50,000 events  10,000/s  4 s left",
  ]);
});

test("a narrow terminal gets the text without a bar, never a wrapped line", () => {
  const { progress, written, at } = screen(true, 40);
  at(500);
  progress.update({ done: 1, total: 2, at: noon });
  expect(written[0]?.replace("\r\u001b[2K", "").length).toBeLessThan(40);
});

test("a pipe gets one plain line every ten seconds", () => {
  const { progress, written, at } = screen(false);
  for (const ms of [0, 5000, 9999, 10_000, 15_000, 20_000]) {
    at(ms);
    progress.update({ done: ms, total: null, at: null });
  }
  progress.end();
  expect(written).toEqual(["backtest: 10,000 bars  1,000/s\n", "backtest: 20,000 bars  1,000/s\n"]);
});

test.each([
  ["a terminal", true, {}, true],
  ["a pipe", false, {}, false],
  ["NO_COLOR", true, { NO_COLOR: "1" }, false],
  ["an empty NO_COLOR", true, { NO_COLOR: "" }, true],
  ["a dumb terminal", true, { TERM: "dumb" }, false],
])("colours follow %s", (_, isTerminal, environment, expected) => {
  expect(wantsColor("auto", isTerminal, environment)).toBe(expected);
  expect(wantsColor("never", isTerminal, environment)).toBe(false);
  expect(wantsColor("always", isTerminal, environment)).toBe(true);
});
