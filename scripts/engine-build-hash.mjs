import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { listSources } from "./source-files.mjs";

const hashed = ["src/core", "src/apps/worker"];
/** What reads finished runs and nothing of the engine may import: a change there changes no run. */
const readers = /^src\/core\/report\//;

/**
 * The identity of the engine's sources: SHA-256 (hex) over path, NUL, content with LF line ends, NUL, for every file in path order.
 * It names neither machine nor folder, so every clone of one commit has the same.
 */
export function engineBuildHash(root) {
  const hash = createHash("sha256");
  for (const path of hashed
    .flatMap((folder) => listSources(root, folder))
    .filter((path) => !readers.test(path))
    .sort()) {
    hash.update(`${path}\0${readFileSync(join(root, path), "utf8").replaceAll("\r\n", "\n")}\0`);
  }
  return hash.digest("hex");
}
