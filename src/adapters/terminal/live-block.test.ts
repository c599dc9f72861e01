import { expect, test } from "vitest";
import { liveBlock } from "./live-block.js";

test("lines are drawn over those before, cut to the terminal, at most ten times a second, and removed at the end", () => {
  let written = "";
  let time = 0;
  const block = liveBlock({ size: () => ({ columns: 6, rows: 3 }), write: (text) => (written += text), now: () => time });
  block.draw(() => ["one", "two hundred", "never shown"]);
  expect(written).toBe("one\ntwo h\n");
  written = "";
  time = 99;
  block.draw(() => ["too early"]);
  expect(written).toBe("");
  time = 100;
  block.draw(() => ["three"]);
  expect(written).toBe("\u001b[2A\r\u001b[Jthree\n");
  written = "";
  block.end();
  block.end();
  expect(written).toBe("\u001b[1A\r\u001b[J");
});
