import { createHash } from "node:crypto";
import type { Program } from "acorn";
import type { BuildOptions, Plugin } from "esbuild";
import { nearestName } from "../../core/quality/nearest-name.js";
import * as strategyApi from "../../core/strategy/index.js";
import { loadEsbuild } from "./load-esbuild.js";
import {
  readSourceSet,
  type SourceModule,
  type SourceSet,
  type SourceTexts,
  strategyImports,
  syntaxViolation,
  violationAt,
} from "./source-set.js";
import { API_NAME, SOURCE_NAMESPACE, STRATEGY_MODULE } from "./strategy-globals.js";
import type { StrategyViolation } from "./strategy-violation.js";

/** A strategy as one text, the same bytes wherever it is made. */
export interface StrategyBundle {
  /** Body of a function that returns the default export; `instantiateStrategy` runs it. */
  readonly code: string;
  /** JSON text of a source map from `code` to the sources. */
  readonly source_map: string;
  /** Ascending by path, relative to the entry's folder; texts with line feeds only. */
  readonly source_set: readonly { readonly path: string; readonly sha256: string; readonly text: string }[];
  /** The strategy's identity: SHA-256 over one line `sha256  path` per source. */
  readonly source_sha256: string;
  /** The parsed sources, for the guard. */
  readonly modules: readonly SourceModule[];
}

export type StrategyBundling =
  | { readonly kind: "bundled"; readonly bundle: StrategyBundle }
  /** `modules` are those that could be read, so that the guard can still add what it finds. */
  | { readonly kind: "refused"; readonly violations: readonly StrategyViolation[]; readonly modules: readonly SourceModule[] };

/**
 * Bundles a strategy file and the files it imports into one text that depends on their contents and relative paths alone:
 * not on the folder, the working directory, line ends, a tsconfig or a package.json near it.
 *
 * @param texts stand for the entry's folder
 */
export async function bundleStrategy(entryFile: string, texts: SourceTexts | null = null): Promise<StrategyBundling> {
  const set = await readSourceSet(entryFile, texts);
  const { modules } = set;
  if (set.violations.length > 0) return { kind: "refused", violations: set.violations, modules };
  const built = await build(set, entryFile);
  if ("violations" in built) return { kind: "refused", violations: built.violations, modules };
  const { parse } = await import("acorn");
  const program = parse(built.code, { ecmaVersion: "latest", sourceType: "module" });
  const violations = [...unknownImports(program, modules), ...missingDefault(program, modules, set.entry)];
  if (violations.length > 0) return { kind: "refused", violations, modules };
  const sources = modules.map(({ path, sha256, text }) => ({ path, sha256, text }));
  return {
    kind: "bundled",
    bundle: {
      code: toFunctionBody(built.code, program),
      source_map: built.map,
      source_set: sources,
      source_sha256: identityOf(sources),
      modules,
    },
  };
}

/** SHA-256 over the sources' paths and hashes, one line each. */
export function identityOf(sources: readonly { readonly path: string; readonly sha256: string }[]): string {
  const lines = sources.map(({ path, sha256 }) => `${sha256}  ${path}\n`);
  return createHash("sha256").update(lines.join(""), "utf8").digest("hex");
}

async function build(
  set: SourceSet,
  entryFile: string,
): Promise<{ readonly code: string; readonly map: string } | { readonly violations: readonly StrategyViolation[] }> {
  const esbuild = loadEsbuild();
  try {
    const { outputFiles } = await esbuild.build({ ...BUILD, entryPoints: [set.entry], plugins: [fromMemory(set)] });
    const text = (ending: string): string => outputFiles.find(({ path }) => path.endsWith(ending))?.text ?? "";
    return { code: text(".js"), map: text(".map") };
  } catch (error) {
    if (!(error instanceof Error) || !("errors" in error) || !Array.isArray(error.errors)) throw error;
    return {
      violations: error.errors.map((message) =>
        syntaxViolation(
          message,
          set.modules.find(({ path }) => `${SOURCE_NAMESPACE}:${path}` === message.location?.file)?.file ?? entryFile,
        ),
      ),
    };
  }
}

const BUILD = {
  bundle: true,
  write: false,
  outfile: "strategy.js",
  format: "esm",
  platform: "neutral",
  target: "es2022",
  // Node versions disagree about ** in the last bit; lowered, it becomes a call of Math.pow, which is ours.
  supported: { "exponent-operator": false },
  charset: "utf8",
  legalComments: "none",
  sourcemap: "external",
  sourcesContent: true,
  logLevel: "silent",
  tsconfigRaw: {},
} as const satisfies BuildOptions;

/** Gives esbuild the texts that were read, so that it looks at nothing else on the disk. */
function fromMemory({ modules, entry }: SourceSet): Plugin {
  const byPath = new Map(modules.map((module) => [module.path, module]));
  return {
    name: "onetape-strategy",
    setup(hooks) {
      hooks.onResolve({ filter: /.*/ }, ({ path, importer, kind }) => {
        // esbuild writes "./" before an entry that it sees in the working directory.
        if (kind === "entry-point") return { path: entry, namespace: SOURCE_NAMESPACE };
        const target = byPath.get(importer)?.imports.get(path);
        // What is left is `onetape/strategy`, and dynamic imports, which the guard refuses.
        return target === undefined || kind !== "import-statement"
          ? { path, external: true }
          : { path: target, namespace: SOURCE_NAMESPACE };
      });
      hooks.onLoad({ filter: /.*/, namespace: SOURCE_NAMESPACE }, ({ path }) => {
        const loader = path.endsWith(".json") ? "json" : /\.m?ts$/.test(path) ? "ts" : "js";
        return { contents: byPath.get(path)?.text ?? "", loader };
      });
    },
  };
}

/** Imported names that `onetape/strategy` does not have; types are gone from the bundle by now. */
function unknownImports(program: Program, modules: readonly SourceModule[]): readonly StrategyViolation[] {
  const known = Object.keys(strategyApi);
  const unknown = new Set(
    strategyImports(program)
      .flatMap(({ specifiers }) => specifiers.map(importedName))
      .filter((name) => name !== null && !known.includes(name)),
  );
  return modules.flatMap((module) =>
    strategyImports(module.program ?? EMPTY).flatMap(({ specifiers }) =>
      specifiers.flatMap((specifier) => {
        const name = importedName(specifier);
        if (name === null || !unknown.has(name) || !specifier.loc) return [];
        const nearest = nearestName(name, known);
        return [
          violationAt(module, module.original(specifier.loc.start.line, specifier.loc.start.column), {
            category: "StrategyLoad",
            code: "STRATEGY_IMPORT_UNKNOWN",
            message: `"${STRATEGY_MODULE}" exports no "${name}"${nearest === null ? "" : `; did you mean "${nearest}"?`}`,
            expected: nearest ?? known.join(", "),
          }),
        ];
      }),
    ),
  );
}

const EMPTY: Program = { type: "Program", body: [], sourceType: "module", start: 0, end: 0 };

type ImportSpecifierNode = ReturnType<typeof strategyImports>[number]["specifiers"][number];

/** The name on the exporting side; null for `* as name`. */
function importedName(specifier: ImportSpecifierNode): string | null {
  if (specifier.type === "ImportNamespaceSpecifier") return null;
  if (specifier.type === "ImportDefaultSpecifier") return "default";
  return specifier.imported.type === "Identifier" ? specifier.imported.name : String(specifier.imported.value);
}

function missingDefault(program: Program, modules: readonly SourceModule[], entry: string): readonly StrategyViolation[] {
  if (defaultExport(program) !== null) return [];
  const module = modules.find(({ path }) => path === entry);
  const message = "the strategy file has no default export";
  const expected = "export default defineStrategy({ ... })";
  return [{ category: "StrategyLoad", code: "STRATEGY_NO_DEFAULT_EXPORT", message, file: module?.file ?? entry, expected }];
}

/** The local name behind the default export of a bundle. */
function defaultExport(program: Program): string | null {
  for (const node of program.body) {
    if (node.type !== "ExportNamedDeclaration") continue;
    for (const { exported, local } of node.specifiers) {
      if (exported.type === "Identifier" && exported.name === "default" && local.type === "Identifier") return local.name;
    }
  }
  return null;
}

/** Turns the bundle's imports and exports into what a function body may hold; every line keeps its number. */
function toFunctionBody(code: string, program: Program): string {
  const parts: string[] = [];
  let end = 0;
  for (const node of program.body) {
    const replacement =
      node.type === "ImportDeclaration"
        ? importAsConst(node.specifiers)
        : node.type === "ExportNamedDeclaration"
          ? `return ${defaultExport(program)};`
          : null;
    if (replacement === null) continue;
    const lines = code.slice(node.start, node.end).split("\n").length - 1;
    parts.push(code.slice(end, node.start), replacement, "\n".repeat(lines));
    end = node.end;
  }
  return (parts.join("") + code.slice(end)).trimEnd();
}

function importAsConst(specifiers: readonly ImportSpecifierNode[]): string {
  const names: string[] = [];
  const whole: string[] = [];
  for (const specifier of specifiers) {
    const { name } = specifier.local;
    const imported = importedName(specifier);
    if (imported === null) whole.push(`const ${name} = ${API_NAME};`);
    else names.push(imported === name ? name : `${imported}: ${name}`);
  }
  return [...whole, ...(names.length === 0 ? [] : [`const { ${names.join(", ")} } = ${API_NAME};`])].join(" ");
}
