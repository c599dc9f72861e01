import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, renameSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { listSources } from "./source-files.mjs";

const stampName = ".stamp.json";

/** What a build depends on: the sources, and what builds them. */
function inputs(root) {
  const builders = readdirSync(join(root, "scripts")).map((name) => `scripts/${name}`);
  const pages = listSources(root, "web", [".ts", ".svelte", ".css", ".json"]);
  return [
    ...listSources(root, "src"),
    ...listSources(root, "bench"),
    ...pages,
    ...builders,
    "package.json",
    "package-lock.json",
    "tsconfig.json",
  ];
}

/** The present inputs of a build: content hash, modification time and size by path. Known files are hashed only when time or size moved. */
export function readInputs(root, known = {}) {
  const found = {};
  for (const path of inputs(root)) {
    const { mtimeMs, size } = statSync(join(root, path));
    const before = known[path];
    const same = before !== undefined && before.mtimeMs === mtimeMs && before.size === size;
    found[path] = { mtimeMs, size, sha256: same ? before.sha256 : sha256(readFileSync(join(root, path))) };
  }
  return found;
}

/** The stamp of the last build in `root/dist`, or undefined where there is none that can be trusted. */
export function readStamp(root) {
  try {
    const stamp = JSON.parse(readFileSync(join(root, "dist", stampName), "utf8"));
    return stamp.outputs.every((path) => existsSync(join(root, "dist", path))) ? stamp : undefined;
  } catch {
    return;
  }
}

export function writeStamp(root, stamp) {
  const path = join(root, "dist", stampName);
  writeFileSync(`${path}.${process.pid}`, JSON.stringify(stamp));
  renameSync(`${path}.${process.pid}`, path);
}

/** True where two sets of inputs have the same paths and contents. */
export function sameContent(left, right) {
  const paths = Object.keys(left);
  return paths.length === Object.keys(right).length && paths.every((path) => left[path].sha256 === right[path]?.sha256);
}

function sha256(bytes) {
  return createHash("sha256").update(bytes).digest("hex");
}
