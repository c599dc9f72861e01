import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { sampleBook } from "../../../adapters/init/sample-book.js";
import { sha256 } from "../../../adapters/node-hash/sha256.js";
import type { CommandResult, Invocation } from "../command.js";
import { failure } from "../failure.js";

export async function run({ args, flags }: Invocation): Promise<CommandResult> {
  const dir = args[0] ?? "";
  const files = [...sampleBook()].map(([name, text]) => ({ path: join(dir, name), text }));
  const others: string[] = [];
  for (const { path, text } of files) {
    const there = await textAt(path);
    if (there !== null && there !== text) others.push(path);
  }
  if (others.length > 0 && !flags.on("force")) {
    const details = others.map((file) => ({
      code: "FOLDER_NOT_EMPTY",
      message: `${file} holds something else`,
      file,
      expected: "--force",
    }));
    return { kind: "failed", failure: failure("FOLDER_NOT_EMPTY", details, `onetape risk sample ${dir} --force`) };
  }
  await mkdir(dir, { recursive: true });
  for (const { path, text } of files) await writeFile(path, text);
  const written = files.map(({ path, text }) => ({ path, sha256: sha256(text), bytes: Buffer.byteLength(text) }));
  return {
    kind: "done",
    json: { schema: "onetape.risk-sample/1", files: written },
    human: () => written.map(({ path }) => `wrote ${path}\n`).join(""),
    next: [`onetape risk var --positions ${join(dir, "positions.csv")} --prices ${join(dir, "prices.csv")} --base-currency USD`],
  };
}

async function textAt(path: string): Promise<string | null> {
  return readFile(path, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return null;
    throw error;
  });
}
