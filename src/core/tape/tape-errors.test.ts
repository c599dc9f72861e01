import { expect, test } from "vitest";
import { TapeStopped } from "./tape-stopped.js";
import { TapeUnreadable } from "./tape-unreadable.js";

test("a stopped tape says up to where it was written, and why no further", () => {
  const stopped = new TapeStopped("the disk is full", 7);
  expect(String(stopped)).toBe("TapeStopped: the tape stopped after position 7: the disk is full");
  expect(stopped.committed).toBe(7);
});

test("an unreadable tape says from where on, if from anywhere", () => {
  expect(new TapeUnreadable("made by a newer version", 7)).toMatchObject({
    name: "TapeUnreadable",
    code: "TAPE_UNREADABLE",
    position: 7,
    message: "made by a newer version",
  });
  expect(new TapeUnreadable("not to be opened").position).toBeNull();
});
