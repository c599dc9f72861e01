import { expect, test } from "vitest";
import { sha256 } from "../node-hash/sha256.js";
import { checksumOf } from "./migrate.js";
import { migrations } from "./migrations.js";

/** A database keeps the checksum of every step that it took: a released step is never edited, a new one is added. */
test("no migration that was released has changed", () => {
  expect(migrations.map((step) => [step.version, step.name, checksumOf(step, sha256).slice(0, 16)])).toEqual([
    [1, "tape", "30840e49ff050361"],
    [2, "projections", "a2ddbb10b1672cbb"],
    [3, "imports", "48da37d20e5ff946"],
  ]);
});
