import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import type { Anchor } from "../../core/tape/event.js";
import { AnchorFile } from "./anchor-file.js";

const folder = mkdtempSync(join(tmpdir(), "onetape-anchors-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const anchors = [1, 2, 3, 4].map((position): Anchor => {
  const hash = String(position).repeat(64);
  return {
    log: "run/one",
    first_position: position,
    position,
    hash,
    content_hash: hash,
    audit_hash: hash,
    epoch: 1,
    recorded_at: position,
  };
});

test("a line that a power cut took although later ones are there is written again by the next writer", () => {
  const path = join(folder, "log.anchors.ndjson");
  const first = new AnchorFile(path, false);
  first.openForAppend(anchors);
  first.close();
  const lines = readFileSync(path, "utf8").split("\n");
  lines[1] = "\0".repeat(lines[1]?.length ?? 0);
  writeFileSync(path, lines.join("\n"));
  expect(new AnchorFile(path, false).read()).toEqual([anchors[0], anchors[2], anchors[3]]);
  const next = new AnchorFile(path, false);
  next.openForAppend(anchors);
  next.close();
  expect(next.read()).toEqual(anchors);
});
