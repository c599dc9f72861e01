import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { repositoryRoot } from "../support/temporary-checkout.js";

/** A file has one subject; past this many lines it is probably two. */
const LIMIT = 400;

/** Files that are longer for now: they may shrink, not grow. Take a line out once its file is short enough. */
const longer: { readonly [path: string]: { readonly lines: number; readonly why: string } } = {
  "src/core/engine/engine.ts": {
    lines: 408,
    why: "one step function, its phases and its wiring; what the phases do stands with the desks",
  },
  "src/core/engine/engine-sessions.test.ts": { lines: 449, why: "sessions of one and of several calendars share their fixtures" },
  "src/core/projections/run-projection.test.ts": { lines: 452, why: "one worked example is followed through every table" },
};

const lengths: ReadonlyMap<string, number> = new Map(
  execFileSync("git", ["ls-files", "-z", "--cached", "--others", "--exclude-standard", "src"], { cwd: repositoryRoot, encoding: "utf8" })
    .split("\0")
    .filter((path) => path.endsWith(".ts") && existsSync(join(repositoryRoot, path)))
    .map((path) => [path, readFileSync(join(repositoryRoot, path), "utf8").split("\n").length - 1]),
);

test(`no source file is longer than ${LIMIT} lines, but those listed with a reason, and they do not grow`, () => {
  const tooLong = [...lengths].filter(([path, lines]) => lines > (longer[path]?.lines ?? LIMIT));
  expect(
    tooLong.map(([path, lines]) => `${path} has ${lines} lines, at most ${longer[path]?.lines ?? LIMIT}: split it by subject`),
  ).toEqual([]);
  expect(lengths.size).toBeGreaterThan(300);
});
