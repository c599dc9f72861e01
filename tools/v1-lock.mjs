// Fails where a locked file of version 1 of the risk measures is not the one that docs/v1/LOCKS.md names, and where a commit changed one
// without saying so. With --write it puts the hashes of the files as they are into the page.

import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";

const PAGE = "docs/v1/LOCKS.md";
const FOLDER = "src/core/risk/v1";
const LABEL = "v1-lock-change";
const ROW = /^\| `([^`]+)` \| (?:.* \| )?`([0-9a-f]{64}|)` \|$/;

/**
 * @param root the folder of the repository
 * @returns one line per violation, and how much of the history was seen: "commits", or why it was not
 */
export function v1LockViolations(root) {
  const rows = rowsOf(root);
  const violations = [...hashViolations(root, rows), ...unlisted(root, rows)];
  const { commits, history } = changesSince(root, rows);
  return { violations: [...violations, ...commits.flatMap((commit) => commitViolations(root, commit))], history, files: rows.length };
}

function rowsOf(root) {
  return readFileSync(join(root, PAGE), "utf8")
    .split("\n")
    .map((line) => ROW.exec(line))
    .filter((match) => match !== null)
    .map(([, path, sha256]) => ({ path, sha256 }));
}

/** A checkout with other line ends holds the same file. */
function hashOf(path) {
  return createHash("sha256").update(readFileSync(path, "utf8").replaceAll("\r\n", "\n")).digest("hex");
}

function hashViolations(root, rows) {
  return rows.flatMap(({ path, sha256 }) => {
    if (!existsSync(join(root, path))) return [`${path} is locked and missing`];
    const actual = hashOf(join(root, path));
    return actual === sha256 ? [] : [`${path} is locked as ${sha256}, but is ${actual}`];
  });
}

/** A file beside the locked ones could change what they mean. */
function unlisted(root, rows) {
  const listed = new Set(rows.map(({ path }) => path));
  return readdirSync(join(root, FOLDER), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) =>
      join(entry.parentPath, entry.name)
        .slice(resolve(root).length + 1)
        .replaceAll("\\", "/"),
    )
    .filter((path) => !listed.has(path))
    .map((path) => `${path} stands among the locked files and is not in ${PAGE}`);
}

/** The commits that touched a locked file or the page after the page was there. */
function changesSince(root, rows) {
  const git = (...args) => execFileSync("git", args, { cwd: root, encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });
  try {
    if (resolve(git("rev-parse", "--show-toplevel").trim()) !== resolve(root)) return { commits: [], history: "no repository of its own" };
    if (git("rev-parse", "--is-shallow-repository").trim() === "true") return { commits: [], history: "a shallow clone" };
    const base = git("log", "--diff-filter=A", "--reverse", "--format=%H", "--", PAGE).split("\n")[0];
    if (base === "") return { commits: [], history: `${PAGE} was never committed` };
    const log = git("log", "--format=%H%x00%B%x1e", `${base}..HEAD`, "--", PAGE, ...rows.map(({ path }) => path));
    const commits = log
      .split("\x1e")
      .map((entry) => entry.trim())
      .filter((entry) => entry !== "")
      .map((entry) => ({ hash: entry.slice(0, 12), message: entry.slice(entry.indexOf("\0") + 1) }));
    return { commits, history: "commits" };
  } catch {
    return { commits: [], history: "no git history" };
  }
}

function commitViolations(root, { hash, message }) {
  const missing = [];
  if (!message.includes(LABEL)) missing.push(`the label ${LABEL}`);
  const named = /\bADR-(\d{3})\b/.exec(message)?.[1];
  const pages = existsSync(join(root, "docs/adr")) ? readdirSync(join(root, "docs/adr")) : [];
  if (named === undefined) missing.push("the number of an ADR, as ADR-020");
  else if (!pages.some((page) => page.startsWith(`${named}-`))) missing.push(`an ADR that exists (there is no docs/adr/${named}-*.md)`);
  return missing.length === 0 ? [] : [`commit ${hash} changes a locked file and its message lacks ${missing.join(" and ")}`];
}

function writeHashes(root) {
  const page = readFileSync(join(root, PAGE), "utf8");
  const lines = page.split("\n").map((line) => {
    const match = ROW.exec(line);
    return match === null ? line : line.replace(/`(?:[0-9a-f]{64}|)` \|$/, `\`${hashOf(join(root, match[1]))}\` |`);
  });
  writeFileSync(join(root, PAGE), lines.join("\n"));
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const args = process.argv.slice(2);
  const root = resolve(args.find((arg) => !arg.startsWith("--")) ?? ".");
  if (args.includes("--write")) writeHashes(root);
  const { violations, history, files } = v1LockViolations(root);
  for (const violation of violations) console.log(violation);
  if (violations.length > 0) {
    console.log(`A change of version 1 needs an ADR, the hashes of ${PAGE} (node tools/v1-lock.mjs --write), and one commit with both`);
    console.log(`whose message names the ADR and ${LABEL}.`);
  }
  console.log(`${files} locked files, ${violations.length} violations; history: ${history}`);
  process.exitCode = violations.length === 0 ? 0 : 1;
}
