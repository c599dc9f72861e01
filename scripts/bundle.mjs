import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { pageAssets } from "./page-assets.mjs";
import { svelteFiles } from "./svelte-files.mjs";

const entries = {
  cli: "src/apps/cli/main.ts",
  index: "src/index.ts",
  core: "src/core/index.ts",
  strategy: "src/core/strategy/index.ts",
  bench: "bench/main.ts",
  "bench-peers": "bench/peers.ts",
  "bench-pricing-worker": "bench/pricing-worker.ts",
};

/** Threads, each in one file: a thread that starts has nothing to share with the others, and one file is found faster than sixty. */
const threads = {
  "engine-worker": "src/apps/worker/engine-worker.ts",
  "sweep-worker": "src/apps/worker/sweep-worker.ts",
  "risk-worker": "src/apps/worker/risk-worker.ts",
  "week-worker": "src/apps/worker/week-worker.ts",
  "verify-worker": "src/apps/worker/verify-worker.ts",
};

/** Commands for which people wait: the program with one of them alone is a few files, where the program with all of them is 150 to be found. */
const quick = { "cli-backtest": { program: "src/apps/cli/main.ts", command: "./commands/backtest.js" } };

/** Packages in plain JavaScript that commands load, some in a hundred files to be found one by one, and what pages are rendered with. All others stay packages of their own. */
const bundled = [
  "@duckdb/node-api",
  "@jridgewell/trace-mapping",
  "acorn",
  "acorn-walk",
  "cli-table3",
  "commander",
  "svelte",
  "typebox",
  "yaml",
];

const requireShim = 'import{createRequire as __createRequire}from"node:module";const require=__createRequire(import.meta.url);';

/**
 * Bundles every entry that exists.
 *
 * @returns the files of `dist` by relative path, and the messages of esbuild's warnings.
 * @throws esbuild's own error, whose message holds file, line and column.
 */
export async function bundle(root) {
  const { build } = await import("esbuild");
  const present = (all) => Object.fromEntries(Object.entries(all).filter(([, path]) => existsSync(join(root, path))));
  const manifest = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  const names = Object.keys({ ...manifest.dependencies, ...manifest.devDependencies }).filter((name) => !bundled.includes(name));
  const ofPages = [];
  const common = {
    absWorkingDir: root,
    outdir: "dist",
    bundle: true,
    format: "esm",
    platform: "node",
    target: "node20",
    chunkNames: "[name]-[hash]",
    sourcemap: "linked",
    sourcesContent: false,
    conditions: ["production"],
    plugins: [svelteFiles(root, "server"), pageAssets(root, (inputs) => ofPages.push(...inputs))],
    external: names.flatMap((name) => [name, `${name}/*`]),
    metafile: true,
    write: false,
    logLevel: "warning",
    tsconfig: "tsconfig.json",
  };
  const results = await Promise.all([
    build({ ...common, entryPoints: present(entries), splitting: true }),
    build({ ...common, entryPoints: present(threads) }),
    ...Object.entries(quick).map(([name, { program, command }]) =>
      build({ ...common, entryPoints: present({ [name]: program }), splitting: true, plugins: [...common.plugins, onlyCommand(command)] }),
    ),
  ]);
  const files = new Map();
  for (const { path, contents } of results.flatMap(({ outputFiles }) => outputFiles)) {
    files.set(path.slice(join(root, "dist").length + 1).replaceAll("\\", "/"), withRequire(path, contents));
  }
  const inputs = results.flatMap(({ metafile }) => Object.keys(metafile.inputs));
  files.set("THIRD-PARTY-NOTICES.txt", Buffer.from(notices(root, [...inputs, ...ofPages])));
  return files;
}

/** Leaves every command but one out of the program. */
function onlyCommand(command) {
  const name = "onetape-only-command";
  return {
    name,
    setup({ onResolve, onLoad }) {
      onResolve({ filter: /^\.\/commands\// }, ({ path }) => (path === command ? undefined : { path: "none", namespace: name }));
      onLoad({ filter: /.*/, namespace: name }, () => ({ contents: 'throw new Error("this file has one command alone");' }));
    },
  };
}

/** Bundled CommonJS asks for node's own modules through `require`, which an ES module has to make first. */
function withRequire(path, contents) {
  const buffer = Buffer.from(contents);
  if (!path.endsWith(".js") || !buffer.includes('typeof require !== "undefined"')) return buffer;
  return Buffer.concat([Buffer.from(requireShim), buffer]);
}

function notices(root, inputs) {
  const packages = new Set(
    inputs.map((path) => /^node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1]).filter((name) => name !== undefined),
  );
  const parts = [...packages].sort().map((name) => {
    const folder = join(root, "node_modules", name);
    const { version, license } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
    const file = ["LICENSE", "LICENSE.md", "LICENSE.txt", "license"].map((candidate) => join(folder, candidate)).find(existsSync);
    return `${name} ${version} (${license})\n\n${file === undefined ? "" : readFileSync(file, "utf8").trim()}\n`;
  });
  return `The files in this folder contain parts of these packages.\n\n${parts.join(`\n${"-".repeat(80)}\n\n`)}`;
}
