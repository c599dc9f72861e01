import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { bundle } from "./bundle.mjs";
import { emitDeclarations } from "./declarations.mjs";
import { engineBuildHash } from "./engine-build-hash.mjs";
import { ExpectedError, say } from "./expected-error.mjs";
import { withLock } from "./file-lock.mjs";
import { readInputs, readStamp, sameContent, writeStamp } from "./source-stamp.mjs";

/**
 * Builds `dist` when a source changed since its stamp: bundles, declarations and build.json. Never checks types.
 *
 * With `strict`, a source whose declaration cannot be made fails the build, and files of earlier builds are removed.
 */
export async function ensureBuilt(root, { strict }) {
  if (isFresh(root, strict)) return;
  await withLock(join(root, ".build.lock"), "building", async () => {
    if (isFresh(root, strict)) return;
    await build(root, strict);
  });
}

function isFresh(root, strict) {
  const stamp = readStamp(root);
  if (stamp === undefined || (strict && (stamp.retired.length > 0 || problemsOf(stamp.declarations).length > 0))) return false;
  const inputs = readInputs(root, stamp.inputs);
  if (!sameContent(inputs, stamp.inputs)) return false;
  if (Object.keys(inputs).some((path) => inputs[path].mtimeMs !== stamp.inputs[path].mtimeMs)) refresh(root, { ...stamp, inputs });
  return true;
}

/** Notes moved times of unchanged files, so that they need not be hashed again. Not worth a failure. */
function refresh(root, stamp) {
  try {
    writeStamp(root, stamp);
  } catch {
    // A read-only dist only costs the hashing next time.
  }
}

async function build(root, strict) {
  const started = performance.now();
  const before = readStamp(root);
  const inputs = readInputs(root, before?.inputs);
  const present = new Set(before?.outputs ?? []);
  const bundling = bundle(root).catch((error) => {
    // esbuild has printed file, line and reason.
    throw new ExpectedError(`the sources could not be bundled: ${error.message.split("\n")[0]}`);
  });
  const [bundles, declarations] = await Promise.all([
    bundling,
    emitDeclarations(root, inputs, before?.declarations ?? {}, (path) => present.has(path)),
  ]);
  const outputs = new Map([...declarations.files, ...bundles, ["build.json", buildRecord(root)]]);
  report(problemsOf(declarations.record), strict);
  const retired = strict ? [] : (before?.outputs ?? []).filter((path) => !outputs.has(path));
  publish(root, outputs, retired);
  writeStamp(root, { inputs, outputs: [...outputs.keys()], retired, declarations: declarations.record });
  say(`built dist in ${((performance.now() - started) / 1000).toFixed(1)} s`);
}

function buildRecord(root) {
  const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  return Buffer.from(`${JSON.stringify({ version, engine_build_hash: engineBuildHash(root) }, null, 2)}\n`);
}

function problemsOf(record) {
  return Object.values(record).flatMap(({ problems }) => problems);
}

function report(problems, strict) {
  if (problems.length === 0) return;
  if (strict) throw new ExpectedError(`declarations could not be made:\n${problems.join("\n")}`);
  say(`${problems.length} exported declarations lack a type, the first: ${problems[0]}`);
}

/**
 * Puts each changed file in place by rename, entries after the chunks that they load. A process that started before keeps
 * finding the lazy chunks of the last build (`retired`); those of earlier builds go.
 */
function publish(root, outputs, retired) {
  const dist = join(root, "dist");
  const staging = join(root, ".build-staging");
  rmSync(staging, { recursive: true, force: true });
  mkdirSync(staging, { recursive: true });
  const isChunk = (path) => /-[A-Z0-9]{8}\.js(\.map)?$/.test(path);
  const ordered = [...outputs]
    .filter(([, contents]) => contents !== null)
    .sort(([left], [right]) => Number(isChunk(right)) - Number(isChunk(left)));
  for (const [path, contents] of ordered) {
    if (holds(join(dist, path), contents)) continue;
    mkdirSync(dirname(join(dist, path)), { recursive: true });
    writeFileSync(join(staging, "file"), contents);
    renameSync(join(staging, "file"), join(dist, path));
  }
  rmSync(staging, { recursive: true, force: true });
  const kept = new Set([...outputs.keys(), ...retired]);
  for (const entry of readdirSync(dist, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    const name = path.slice(dist.length + 1).replaceAll("\\", "/");
    if (!kept.has(name) && name !== ".stamp.json") rmSync(path, { force: true });
  }
}

function holds(path, contents) {
  try {
    return readFileSync(path).equals(contents);
  } catch {
    return false;
  }
}
