/** Where the server's token comes from: a file, or the environment. A command line is open to everybody on a machine. */
import { readFile, stat } from "node:fs/promises";
import type { Violation } from "../../core/quality/violation.js";

export const TOKEN_VARIABLE = "ONETAPE_SERVER_TOKEN";

export type TokenRead =
  | {
      readonly kind: "read";
      /** Null where none is set. */
      readonly token: string | null;
      /** What an operator should know, or null. */
      readonly warning: string | null;
    }
  | { readonly kind: "refused"; readonly violations: readonly Violation[] };

/** @param file before the environment; its one line is the token */
export async function readToken(file: string | undefined, environment: NodeJS.ProcessEnv): Promise<TokenRead> {
  if (file === undefined) {
    const token = environment[TOKEN_VARIABLE] ?? "";
    return { kind: "read", token: token === "" ? null : token, warning: null };
  }
  let token: string;
  let mode: number;
  try {
    token = (await readFile(file, "utf8")).trim();
    ({ mode } = await stat(file));
  } catch (error) {
    const why = error instanceof Error && "code" in error ? String(error.code) : "";
    if (why === "") throw error;
    return refused("TOKEN_FILE", `the token file cannot be read: ${why}`, file);
  }
  if (token === "") return refused("TOKEN_FILE", "the token file is empty", file);
  const shared = process.platform !== "win32" && (mode & 0o077) !== 0;
  return { kind: "read", token, warning: shared ? `${file} can be read by others of this machine: chmod 600 ${file}` : null };
}

function refused(code: string, message: string, file: string): TokenRead {
  return { kind: "refused", violations: [{ code, message, file, field: "--token-file", expected: "a file with one line, the token" }] };
}
