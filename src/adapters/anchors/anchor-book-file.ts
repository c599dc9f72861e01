import { existsSync } from "node:fs";
import { mkdir, open, readFile } from "node:fs/promises";
import { dirname } from "node:path";
import type { AnchorBook, BadAnchorLine, PublishedAnchor } from "../../ports/anchor-book.js";
import { flushFolder } from "../sqlite/flush-file.js";

/** Anchors as NDJSON, one line each, only ever appended; several processes may share a file. */
export function anchorBookFile(path: string): AnchorBook {
  return {
    async read() {
      if (!existsSync(path)) return null;
      const anchors: PublishedAnchor[] = [];
      const bad: BadAnchorLine[] = [];
      for (const [i, text] of (await readFile(path, "utf8")).split("\n").slice(0, -1).entries()) {
        const anchor = parse(text);
        if (anchor === null) bad.push({ line: i + 1, text });
        else anchors.push(anchor);
      }
      return { anchors, bad };
    },
    async append(anchors) {
      if (anchors.length === 0) return;
      await mkdir(dirname(path), { recursive: true });
      const isNew = !existsSync(path);
      const file = await open(path, "a+");
      try {
        const { size } = await file.stat();
        const last = Buffer.alloc(1);
        if (size > 0) await file.read(last, 0, 1, size - 1);
        // What a crash left unfinished stays a line of its own, and is told as one.
        const before = size > 0 && last[0] !== 0x0a ? "\n" : "";
        await file.appendFile(before + anchors.map(lineOf).join(""));
        await file.sync();
      } finally {
        await file.close();
      }
      if (isNew) flushFolder(dirname(path));
    },
  };
}

function lineOf({ log, position, hash, time, signature }: PublishedAnchor): string {
  return `${JSON.stringify({ log, position, hash, time, signature })}\n`;
}

function parse(text: string): PublishedAnchor | null {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return null;
  }
  if (typeof value !== "object" || value === null) return null;
  if (!("log" in value && "position" in value && "hash" in value && "time" in value && "signature" in value)) return null;
  const { log, position, hash, time, signature } = value;
  if (typeof log !== "string" || typeof position !== "number" || !Number.isSafeInteger(position) || typeof time !== "string") return null;
  if (typeof hash !== "string" || !(signature === null || typeof signature === "string")) return null;
  return { log, position, hash, time, signature };
}
