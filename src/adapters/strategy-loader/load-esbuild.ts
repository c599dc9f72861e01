import { createRequire } from "node:module";

/** The compiler, loaded on first use. It is CommonJS: as an import, Node would first look through its whole text for the names that it exports. */
export function loadEsbuild(): typeof import("esbuild") {
  return createRequire(import.meta.url)("esbuild");
}
