import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";

const CHUNK = 1 << 20;

/** SHA-256 of a file's bytes as they lie there. */
export async function fileHash(path: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(path, { highWaterMark: CHUNK })) hash.update(chunk);
  return hash.digest("hex");
}
