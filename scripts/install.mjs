import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { runToEnd } from "./child.mjs";
import { ExpectedError, say } from "./expected-error.mjs";
import { withLock } from "./file-lock.mjs";

const stampName = ".onetape-install.json";
const unreachable = /ENOTCACHED|EAI_AGAIN|ENOTFOUND|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|EHOSTUNREACH/;

/** Runs `npm ci` when `node_modules` was not made from this lock file by this Node on this platform. */
export async function ensureInstalled(root) {
  const wanted = wantedStamp(root);
  if (difference(readStamp(root), wanted) === undefined) return;
  await withLock(join(root, ".install.lock"), "installing dependencies", async () => {
    const found = readStamp(root);
    const reason = difference(found, wanted);
    if (reason === undefined) return;
    if (found !== undefined || !isInstalledFromLock(root)) await install(root, reason);
    writeStamp(root, wanted);
  });
}

function wantedStamp(root) {
  const lock = createHash("sha256")
    .update(readFileSync(join(root, "package-lock.json")))
    .digest("hex");
  return { lock, node: process.versions.node, platform: process.platform, arch: process.arch };
}

const stampPath = (root) => join(root, "node_modules", stampName);

function readStamp(root) {
  return readJson(stampPath(root));
}

function writeStamp(root, stamp) {
  try {
    mkdirSync(dirname(stampPath(root)), { recursive: true });
    writeFileSync(`${stampPath(root)}.${process.pid}`, JSON.stringify(stamp));
    renameSync(`${stampPath(root)}.${process.pid}`, stampPath(root));
  } catch (error) {
    say(`could not note the install in ${stampPath(root)} (${error.code}); the next run will look again`);
  }
}

function difference(found, wanted) {
  if (found === undefined) return "nothing is installed yet";
  const names = { lock: "package-lock.json", node: "Node", platform: "the platform", arch: "the processor type" };
  const changed = Object.keys(names).find((key) => found[key] !== wanted[key]);
  if (changed === undefined) return;
  return changed === "lock" ? "package-lock.json changed" : `${names[changed]} changed from ${found[changed]} to ${wanted[changed]}`;
}

/** A `node_modules` that someone made with npm by hand counts when npm's own record in it agrees with the lock file. */
function isInstalledFromLock(root) {
  const record = readJson(join(root, "node_modules/.package-lock.json"))?.packages;
  if (record === undefined) return false;
  const wanted = Object.entries(readJson(join(root, "package-lock.json"))?.packages ?? {}).filter(([path, entry]) => {
    return path !== "" && (entry.optional !== true || isBinaryForThisMachine(entry));
  });
  return wanted.every(
    ([path, entry]) =>
      record[path]?.version === entry.version && record[path].integrity === entry.integrity && existsSync(join(root, path)),
  );
}

/** Where a package comes in one build per C library, npm chose; otherwise the build for this platform must be there. */
function isBinaryForThisMachine({ os, cpu, libc }) {
  return (os ?? cpu) !== undefined && libc === undefined && allows(os, process.platform) && allows(cpu, process.arch);
}

function allows(list, value) {
  if (list === undefined) return true;
  return list.includes(value) || (list.every((item) => item.startsWith("!")) && !list.includes(`!${value}`));
}

async function install(root, reason) {
  say(`installing dependencies with npm ci (${reason})`);
  const restore = setAside(root);
  const started = performance.now();
  const { code, output } = await npmCi(root);
  if (code !== 0) {
    restore.undo();
    throw new ExpectedError(
      unreachable.test(output)
        ? `npm ci could not reach the package registry (exit ${code}). The first install needs it, or a filled npm cache; after that everything works offline.`
        : `npm ci failed (exit ${code}); its messages stand above. Nothing was run.`,
    );
  }
  restore.forget();
  say(`installed in ${((performance.now() - started) / 1000).toFixed(1)} s`);
}

/** Moves the present `node_modules` out of npm's way, so that a failed or interrupted install does not cost the one that was there. */
function setAside(root) {
  const current = join(root, "node_modules");
  const aside = join(root, ".node_modules.previous");
  const forget = () => {
    // Without its stamp first: a half-deleted folder must never look complete.
    rmSync(join(aside, stampName), { force: true });
    rmSync(aside, { recursive: true, force: true });
  };
  if (existsSync(join(aside, stampName))) {
    rmSync(current, { recursive: true, force: true });
    renameSync(aside, current);
  }
  forget();
  try {
    renameSync(current, aside);
  } catch {
    // Absent, or a mount point: npm deals with both.
    return { undo: () => undefined, forget: () => undefined };
  }
  const undo = () => {
    rmSync(current, { recursive: true, force: true });
    renameSync(aside, current);
  };
  return { undo, forget };
}

async function npmCi(root) {
  const cli = process.env.npm_execpath;
  const known = cli !== undefined && /npm-cli\.c?js$/.test(cli) && existsSync(cli);
  const args = ["ci", "--include=dev", "--no-audit", "--no-fund"];
  const [program, ...all] = known ? [process.execPath, cli, ...args] : ["npm", ...args];
  let output = "";
  const listen = (child) => {
    for (const stream of [child.stdout, child.stderr]) {
      stream.on("data", (bytes) => {
        process.stderr.write(bytes);
        output = (output + bytes).slice(-65_536);
      });
    }
  };
  try {
    const code = await runToEnd(program, all, {
      cwd: root,
      stdio: ["ignore", "pipe", "pipe"],
      shell: !known && process.platform === "win32",
      onSpawn: listen,
    });
    return { code, output };
  } catch (error) {
    throw new ExpectedError(`npm could not be started (${error.code}). It comes with Node: check that it is on the PATH.`);
  }
}

function readJson(path) {
  try {
    return JSON.parse(readFileSync(path, "utf8"));
  } catch {
    return;
  }
}
