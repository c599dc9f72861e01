import { spawn } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ExpectedError } from "./expected-error.mjs";

const at_once = 2;

/** Every check of the sources and of the package. `program` is a path in the repository; `TARBALL` stands for the packed package. */
const checks = [
  { name: "types", program: "node_modules/typescript/bin/tsc", args: ["--noEmit", "-p", "."] },
  { name: "types: pages", program: "node_modules/typescript/bin/tsc", args: ["--noEmit", "-p", "web"] },
  { name: "types: examples", program: "node_modules/typescript/bin/tsc", args: ["--noEmit", "-p", "examples"] },
  { name: "types: bench", program: "node_modules/typescript/bin/tsc", args: ["--noEmit", "-p", "bench/strategies"] },
  { name: "lint and format", program: "node_modules/@biomejs/biome/bin/biome", args: ["ci", "--colors=off", "--error-on-warnings", "."] },
  { name: "core bans", program: "tools/core-bans.mjs", args: [] },
  { name: "V1 lock", program: "tools/v1-lock.mjs", args: [] },
  {
    name: "import rules",
    program: "node_modules/dependency-cruiser/bin/dependency-cruise.mjs",
    args: ["--config", ".dependency-cruiser.cjs", "src", "bench", "web"],
  },
  { name: "dead code", program: "node_modules/knip/bin/knip.js", args: ["--no-progress"] },
  { name: "package", program: "node_modules/publint/src/cli.js", args: ["run", "TARBALL", "--strict"] },
  {
    name: "package types",
    program: "node_modules/@arethetypeswrong/cli/dist/index.js",
    args: ["TARBALL", "--profile", "esm-only", "--no-emoji"],
  },
];

/** Runs every check, or only those named; prints what the failed ones said, then one table. */
export async function check(root, names) {
  const unknown = names.find((name) => !checks.some((check) => check.name === name));
  if (unknown !== undefined) {
    throw new ExpectedError(`no check is called ${JSON.stringify(unknown)}. Known: ${checks.map(({ name }) => `"${name}"`).join(", ")}.`);
  }
  const chosen = checks.filter(({ name }) => names.length === 0 || names.includes(name));
  const folder = mkdtempSync(join(tmpdir(), "onetape-pack-"));
  try {
    const tarball = chosen.some(({ args }) => args.includes("TARBALL")) ? await pack(root, folder) : undefined;
    const results = await runAll(root, chosen, tarball);
    for (const { name, output } of results.filter(({ ok }) => !ok)) console.log(`\n--- ${name} ---\n${output.trimEnd()}`);
    console.log(`\n${results.map(row).join("\n")}`);
    const failed = results.filter(({ ok }) => !ok).length;
    console.log(`${results.length - failed} checks passed, ${failed} failed`);
    if (failed > 0) process.exitCode = 1;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function row({ name, ok, seconds }) {
  return `${ok ? "ok    " : "FAILED"}  ${name.padEnd(16)}${seconds.toFixed(1).padStart(6)} s`;
}

async function runAll(root, chosen, tarball) {
  const waiting = [...chosen.keys()];
  const results = [];
  const lane = async () => {
    for (let index = waiting.shift(); index !== undefined; index = waiting.shift())
      results[index] = await runOne(root, chosen[index], tarball);
  };
  await Promise.all(Array.from({ length: at_once }, lane));
  return results;
}

async function runOne(root, { name, program, args }, tarball) {
  const started = performance.now();
  const ended =
    args.includes("TARBALL") && tarball.path === undefined
      ? { code: 1, output: `the package could not be packed:\n${tarball.output}` }
      : await capture(process.execPath, [join(root, program), ...args.map((arg) => (arg === "TARBALL" ? tarball.path : arg))], root);
  return { name, ok: ended.code === 0, output: ended.output, seconds: (performance.now() - started) / 1000 };
}

/** Packs what `npm publish` would send; the build has run already. */
async function pack(root, folder) {
  const cli = process.env.npm_execpath;
  const args = ["pack", "--ignore-scripts", "--loglevel=error", "--pack-destination", folder];
  const ended = cli?.endsWith("npm-cli.js") ? await capture(process.execPath, [cli, ...args], root) : await capture("npm", args, root);
  const file = readdirSync(folder).find((name) => name.endsWith(".tgz"));
  return { path: file === undefined ? undefined : join(folder, file), output: ended.output };
}

function capture(program, args, cwd) {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      cwd,
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...process.env, NO_COLOR: "1", FORCE_COLOR: undefined },
    });
    let output = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8");
      stream.on("data", (text) => {
        output += text;
      });
    }
    child.on("error", reject);
    child.on("close", (code) => resolve({ code, output }));
  });
}
