import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { ExpectedError } from "./expected-error.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));

const commands = {
  start: (args) => runHere(join(root, "dist/cli.js"), ["demo", ...args]),
  test: (args) => runChild([join(root, "node_modules/vitest/vitest.mjs"), "run", ...args], { cwd: root }),
  "test:chaos": async (args) => {
    process.exitCode = await (await import("./chaos.mjs")).chaos(root, args);
  },
  bench: (args) => runChild([join(root, "dist/bench.js"), ...args]),
  "bench:peers": (args) => runChild([join(root, "dist/bench-peers.js"), ...args], { cwd: root }),
  build: () => undefined,
  check: async (args) => (await import("./check.mjs")).check(root, args),
  mutation: async (args) => (await import("./mutation.mjs")).mutation(root, args),
};

/** Installs and builds what is missing, then runs the named command with the remaining arguments. */
export async function run([name, ...args]) {
  const command = Object.hasOwn(commands, name ?? "") ? commands[name] : undefined;
  if (command === undefined) {
    throw new ExpectedError(`unknown command ${JSON.stringify(name ?? "")}. Known: ${Object.keys(commands).join(", ")}.`);
  }
  await prepare({ strict: name === "build" });
  await command(args);
}

/** Makes `node_modules` and `dist` fit the sources. `strict` refuses sources whose declarations cannot be made, and leaves nothing old in `dist`. */
export async function prepare({ strict }) {
  const { ensureInstalled } = await import("./install.mjs");
  const { ensureBuilt } = await import("./build.mjs");
  await ensureInstalled(root);
  await ensureBuilt(root, { strict });
}

/** Runs an entry in this process: it starts faster than a child, and signals reach it directly. */
async function runHere(entry, args) {
  requireEntry(entry);
  process.argv = [process.execPath, entry, ...args];
  await import(pathToFileURL(entry).href);
}

async function runChild([entry, ...args], options = {}) {
  requireEntry(entry);
  const { runToEnd } = await import("./child.mjs");
  process.exitCode = await runToEnd(process.execPath, [entry, ...args], { stdio: "inherit", ...options });
}

function requireEntry(entry) {
  if (!existsSync(entry)) throw new ExpectedError(`${entry} does not exist. Delete dist and node_modules, then run the command again.`);
}
