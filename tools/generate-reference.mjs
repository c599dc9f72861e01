// Writes schemas/*.schema.json, docs/reference/config.md and docs/reference/cli.md from the sources. A test compares.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build } from "esbuild";

const root = fileURLToPath(new URL("..", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "onetape-reference-"));
try {
  const outfile = join(folder, "reference.mjs");
  await build({
    stdin: {
      contents: `export { publishedSchemas, configReference } from "./src/adapters/config/published-schemas.ts";
export { commandReference } from "./src/apps/cli/command-reference.ts";`,
      resolveDir: root,
    },
    bundle: true,
    platform: "node",
    format: "esm",
    target: "node20",
    outfile,
    packages: "bundle",
    external: ["@duckdb/*", "libsql", "esbuild"],
    banner: { js: 'import{createRequire as __r}from"node:module";const require=__r(import.meta.url);' },
    logLevel: "warning",
  });
  const { publishedSchemas, configReference, commandReference } = await import(pathToFileURL(outfile).href);
  const files = new Map([...publishedSchemas()].map(([name, text]) => [`schemas/${name}.schema.json`, text]));
  files.set("docs/reference/config.md", configReference());
  files.set("docs/reference/cli.md", commandReference());
  for (const [path, text] of files) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
    console.error(`wrote ${path}`);
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
