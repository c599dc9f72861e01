import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const root = fileURLToPath(new URL("../..", import.meta.url));

/**
 * Bundles a TypeScript program so that Node can run it in a process of its own.
 *
 * @param entry path from the repository's root.
 * @returns the path of the program; it lies inside `node_modules`, where packages are found.
 */
export async function bundleChild(entry: string): Promise<string> {
  const folder = join(root, "node_modules/.cache/onetape-test");
  mkdirSync(folder, { recursive: true });
  const outfile = join(folder, `${entry.replaceAll("/", "-").replace(/\.ts$/, "")}-${process.pid}.mjs`);
  await build({
    entryPoints: [join(root, entry)],
    outfile,
    bundle: true,
    platform: "node",
    format: "esm",
    packages: "external",
    logLevel: "error",
  });
  return outfile;
}
