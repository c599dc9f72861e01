import { expect, test } from "vitest";
import type { PostgresValue } from "./postgres-connection.js";
import { bindAndExecute } from "./prepared-change.js";

interface Message {
  readonly type: string;
  readonly body: Buffer;
}

/** Messages of protocol 3.0: a letter, a length that counts itself, a body. */
function messagesIn(bytes: Buffer): readonly Message[] {
  const found: Message[] = [];
  for (let at = 0; at < bytes.length; ) {
    const length = bytes.readInt32BE(at + 1);
    found.push({ type: String.fromCharCode(bytes[at] ?? 0), body: bytes.subarray(at + 5, at + 1 + length) });
    at += 1 + length;
  }
  return found;
}

/** Statement, formats and values of a Bind, as the protocol's documentation lays them out. */
function bindIn(body: Buffer): {
  readonly statement: string;
  readonly formats: readonly number[];
  readonly values: readonly (Buffer | null)[];
} {
  let at = body.indexOf(0) + 1;
  const end = body.indexOf(0, at);
  const statement = body.toString("latin1", at, end);
  at = end + 1;
  const int16 = (): number => {
    at += 2;
    return body.readInt16BE(at - 2);
  };
  const formats = Array.from({ length: int16() }, int16);
  const values = Array.from({ length: int16() }, () => {
    const length = body.readInt32BE(at);
    at += 4 + Math.max(0, length);
    return length < 0 ? null : body.subarray(at - length, at);
  });
  expect(int16()).toBe(0);
  expect(at).toBe(body.length);
  return { statement, formats, values };
}

test("a change that the server knows is bound, executed and ended in one piece, whatever its values are", () => {
  const bytes = Uint8Array.of(0, 1, 255);
  const values: readonly PostgresValue[] = ["plain", "Zürich €", "", null, 42, bytes];
  const [bind, execute, sync, ...more] = messagesIn(bindAndExecute("append", values));
  expect([bind?.type, execute?.type, sync?.type, more]).toEqual(["B", "E", "S", []]);
  const { statement, formats, values: bound } = bindIn(bind?.body ?? Buffer.alloc(0));
  expect(statement).toBe("append");
  expect(formats).toEqual([0, 0, 0, 0, 0, 1]);
  expect(bound.slice(0, 5).map((value) => value?.toString("utf8") ?? null)).toEqual(["plain", "Zürich €", "", null, "42"]);
  expect(bound[5]).toEqual(Buffer.from(bytes));
  // The unnamed portal, without a limit of rows.
  expect(execute?.body).toEqual(Buffer.from([0, 0, 0, 0, 0]));
  expect(sync?.body.length).toBe(0);
});
