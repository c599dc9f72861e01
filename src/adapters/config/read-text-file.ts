import { readFile } from "node:fs/promises";
import type { Violation } from "../../core/quality/violation.js";

/** Largest config file that is read. */
const LIMIT_BYTES = 4_194_304;

export type TextFile = { readonly kind: "read"; readonly text: string } | { readonly kind: "unreadable"; readonly violation: Violation };

/** Reads a UTF-8 text file that a person wrote. */
export async function readTextFile(path: string): Promise<TextFile> {
  const fail = (code: string, message: string, expected: string): TextFile => ({
    kind: "unreadable",
    violation: { code, message, file: path, expected },
  });
  let bytes: Buffer;
  try {
    bytes = await readFile(path);
  } catch (error) {
    const cause = error instanceof Error && "code" in error ? String(error.code) : String(error);
    if (cause === "ENOENT") return fail("FILE_NOT_FOUND", `${path} does not exist`, "a file that exists");
    if (cause === "EISDIR") return fail("FILE_NOT_FOUND", `${path} is a folder`, "a file");
    return fail("FILE_UNREADABLE", `${path} cannot be read (${cause})`, "a file that this user may read");
  }
  if (bytes.length > LIMIT_BYTES) return fail("FILE_TOO_LARGE", `${path} has ${bytes.length} bytes`, `at most ${LIMIT_BYTES} bytes`);
  try {
    return { kind: "read", text: new TextDecoder("utf-8", { fatal: true }).decode(bytes) };
  } catch {
    return fail("FILE_NOT_UTF8", `${path} is not UTF-8 text`, "a text file in UTF-8");
  }
}
