import { describe, expect, test } from "vitest";
import { isEventId, isOpaqueId, isTapeName, MAX_NAME_LENGTH, NAME_EXPECTATION, storedStream, streamWithinLog } from "./names.js";

describe("a name on the tape", () => {
  test.each(["a", "run/one", "order.created", "bar/BTC-USD@1m", "A_9:+-.x/b", "...", "a/.../b", ".a", "a..b/..c", "x".repeat(200)])(
    "may be %j",
    (name) => {
      expect(isTapeName(name)).toBe(true);
    },
  );

  test.each([
    "",
    "/",
    "a/",
    "/a",
    "a//b",
    "a b",
    "größe",
    "a\n",
    "\na",
    ".",
    "..",
    "a/.",
    "a/..",
    "./a",
    "../a",
    "a/../b",
    "x".repeat(201),
  ])("may not be %j", (name) => {
    expect(isTapeName(name)).toBe(false);
  });

  test("is described by what it may hold and how long it may be", () => {
    expect(MAX_NAME_LENGTH).toBe(200);
    expect(NAME_EXPECTATION).toBe(
      'segments of letters, digits and . _ : @ + - joined by "/", at most 200 characters, no "." or ".." segment',
    );
  });
});

describe("a command or correlation id", () => {
  test.each([" ", "~", "a b", "request #7 (by hand)", "x".repeat(200)])("may be %j", (id) => {
    expect(isOpaqueId(id)).toBe(true);
  });

  test.each(["", "a\u001f", "\u007f", "a\nb", "é", "x".repeat(201)])("may not be %j", (id) => {
    expect(isOpaqueId(id)).toBe(false);
  });
});

describe("an event id", () => {
  const ID = "018cc251-f400-879f-bd6d-08b091e94d52";

  test("is a UUID in lower case", () => {
    expect(isEventId(ID)).toBe(true);
    expect(isEventId("00000000-0000-0000-0000-000000000001")).toBe(true);
  });

  test.each([
    "00000000-0000-0000-0000-000000000000",
    ID.toUpperCase(),
    `${ID}0`,
    `0${ID}`,
    ` ${ID}`,
    ID.slice(1),
    ID.slice(0, -1),
    ID.replaceAll("-", ""),
    ID.replace("f400", "f40g"),
    ID.replace("f400", "f40"),
    ID.replace("879f", "879"),
    ID.replace("bd6d", "bd6"),
    "",
  ])("is not %j", (id) => {
    expect(isEventId(id)).toBe(false);
  });
});

test("a stream is stored under its log and found again within that log alone", () => {
  expect(storedStream("run/one", "order/1")).toBe("run/one/order/1");
  expect(streamWithinLog("run/one", "run/one/order/1")).toBe("order/1");
  expect(streamWithinLog("run/one", "run/one1/order/1")).toBeNull();
  expect(streamWithinLog("run/one", "x/run/one/order/1")).toBeNull();
  expect(streamWithinLog("run", "run/one/order/1")).toBe("one/order/1");
});
