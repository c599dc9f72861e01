import { readFileSync } from "node:fs";
import { relative } from "node:path";

/**
 * Compiles a Svelte component.
 *
 * @param target `server` for text, `client` for a page.
 */
export async function compileSvelte(root, path, target) {
  const { compile } = await import("svelte/compiler");
  const { js, warnings } = compile(readFileSync(path, "utf8"), {
    filename: relative(root, path).replaceAll("\\", "/"),
    generate: target,
    dev: false,
    css: "external",
    runes: true,
  });
  return {
    code: js.code,
    warnings: warnings.map(({ message, filename, start }) => ({
      text: message,
      location: { file: filename, line: start?.line ?? 1, column: start?.column ?? 0 },
    })),
  };
}

/** Lets esbuild read `.svelte` files. */
export function svelteFiles(root, target) {
  return {
    name: "svelte-files",
    setup(build) {
      build.onLoad({ filter: /\.svelte$/ }, async ({ path }) => {
        const { code, warnings } = await compileSvelte(root, path, target);
        return { contents: code, loader: "js", warnings };
      });
    },
  };
}
