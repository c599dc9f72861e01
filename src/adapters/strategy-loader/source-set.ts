import { createHash } from "node:crypto";
import { readFile, realpath, stat } from "node:fs/promises";
import { basename, dirname, isAbsolute, join, posix, relative, resolve, sep } from "node:path";
import { originalPositionFor, TraceMap } from "@jridgewell/trace-mapping";
import type { ImportDeclaration, Program } from "acorn";
import type { Message } from "esbuild";
import { loadEsbuild } from "./load-esbuild.js";
import { STRATEGY_MODULE } from "./strategy-globals.js";
import type { StrategyViolation } from "./strategy-violation.js";

const LARGEST_FILE = 4_000_000;
const MODULE_EXTENSIONS = [".ts", ".mts", ".js", ".mjs"] as const;

/** A place in a file of the user: line and column start at 1. */
export interface SourcePlace {
  readonly line: number;
  readonly column: number;
}

/** One file of a strategy, read, stripped of its types and parsed. */
export interface SourceModule {
  /** Path relative to the entry's folder, with `/`. */
  readonly path: string;
  /** Path as the user would name it: beside the entry file that they named. */
  readonly file: string;
  /** Text with line feeds only. */
  readonly text: string;
  /** SHA-256 of `text`. */
  readonly sha256: string;
  /** Null for JSON. */
  readonly program: Program | null;
  /** Imports of other files of the strategy: what the import says, and the path it means. */
  readonly imports: ReadonlyMap<string, string>;
  /** From a place in the parsed program (line from 1, column from 0) to the user's. */
  original(line: number, column: number): SourcePlace;
}

export interface SourceSet {
  /** Path of the entry relative to its own folder: its name. */
  readonly entry: string;
  /** Ascending by path. */
  readonly modules: readonly SourceModule[];
  readonly violations: readonly StrategyViolation[];
}

/** The text of a line of a module, and the violation that points to it. */
export function violationAt(
  module: SourceModule,
  place: SourcePlace,
  what: { readonly category: StrategyViolation["category"]; readonly code: string; readonly message: string; readonly expected: string },
): StrategyViolation {
  return {
    ...what,
    file: module.file,
    line: place.line,
    column: place.column,
    value: (module.text.split("\n")[place.line - 1] ?? "").trimEnd(),
  };
}

/** Texts by path, in place of a folder. */
export type SourceTexts = ReadonlyMap<string, string>;

/**
 * Reads a strategy's entry file and every file that it imports, directly or not. Imports that lead out of the entry's folder
 * or to a package are refused, all of them, with their lines.
 *
 * @param entryFile as the user named it
 * @param texts stand for the entry's folder: then nothing is read from the disk
 */
export async function readSourceSet(entryFile: string, texts: SourceTexts | null = null): Promise<SourceSet> {
  return new SourceReader(entryFile, texts).read();
}

class SourceReader {
  readonly #entryFile: string;
  readonly #root: string;
  readonly #texts: SourceTexts | null;
  readonly #modules: Map<string, SourceModule> = new Map();
  readonly #violations: StrategyViolation[] = [];

  constructor(entryFile: string, texts: SourceTexts | null) {
    this.#texts = texts;
    this.#entryFile = entryFile;
    this.#root = dirname(resolve(entryFile));
  }

  async read(): Promise<SourceSet> {
    const entry = basename(this.#entryFile);
    const text = await this.#readText(entry);
    if (text === null) {
      const message = `there is no strategy file ${this.#entryFile}`;
      this.#violations.push({
        category: "StrategyLoad",
        code: "STRATEGY_FILE_MISSING",
        message,
        file: this.#entryFile,
        expected: "a TypeScript or JavaScript file that can be read",
      });
    } else {
      await this.#add(entry, text);
    }
    const modules = [...this.#modules.values()].sort((a, b) => (a.path < b.path ? -1 : 1));
    return { entry, modules, violations: this.#violations };
  }

  /** Reads, parses and follows one file. Files are taken one after the other, so that violations come in one order. */
  async #add(path: string, text: string): Promise<void> {
    const module = await this.#parse(path, text);
    if (module === null) return;
    this.#modules.set(path, module);
    for (const { specifier, place } of importsOf(module)) {
      const refusal = refusalOf(specifier, path);
      if (refusal !== null) this.#refuse(module, place, specifier, refusal);
      else if (specifier !== STRATEGY_MODULE) await this.#follow(module, specifier, place);
    }
  }

  async #follow(module: SourceModule, specifier: string, place: SourcePlace): Promise<void> {
    const target = posix.join(posix.dirname(module.path), specifier);
    for (const candidate of candidatesOf(target)) {
      const known = this.#modules.has(candidate);
      const text = known ? null : await this.#readText(candidate);
      if (!known && text === null) continue;
      // The module owns its map; this reader is the one that fills it.
      (module.imports as Map<string, string>).set(specifier, candidate);
      if (text !== null) await this.#add(candidate, text);
      return;
    }
    this.#violations.push(
      violationAt(module, place, {
        category: "StrategyLoad",
        code: "STRATEGY_IMPORT_MISSING",
        message: `"${specifier}" is imported, but there is no such file in the strategy's folder`,
        expected: `one of ${candidatesOf(target).join(", ")}`,
      }),
    );
  }

  #refuse(module: SourceModule, place: SourcePlace, specifier: string, reason: string): void {
    this.#violations.push(
      violationAt(module, place, {
        category: "Sandbox",
        code: "STRATEGY_IMPORT_REFUSED",
        message: `the import of "${specifier}" is refused: ${reason}`,
        expected: `import from "${STRATEGY_MODULE}" or from files in the strategy's own folder; market data reaches a strategy as bars, settings as params`,
      }),
    );
  }

  /** Null where there is no such file inside the folder, links followed. */
  async #readText(path: string): Promise<string | null> {
    if (this.#texts !== null) return this.#texts.get(path) ?? null;
    const absolute = join(this.#root, ...path.split("/"));
    try {
      const inside = relative(await realpath(this.#root), await realpath(absolute));
      if (inside === ".." || inside.startsWith(`..${sep}`) || isAbsolute(inside))
        return path === basename(this.#entryFile) ? await readSmall(absolute) : null;
      return await readSmall(absolute);
    } catch {
      return null;
    }
  }

  async #parse(path: string, text: string): Promise<SourceModule | null> {
    const file = join(dirname(this.#entryFile), ...path.split("/"));
    const sha256 = createHash("sha256").update(text, "utf8").digest("hex");
    const bare = { path, file, text, sha256, imports: new Map<string, string>() };
    if (path.endsWith(".json")) return { ...bare, program: null, original: (line, column) => ({ line, column: column + 1 }) };
    const { transform } = loadEsbuild();
    try {
      // Every import survives (verbatim), so that one of a forbidden module is seen even where nothing uses it.
      const transforming = transform(text, {
        loader: /\.m?ts$/.test(path) ? "ts" : "js",
        target: "esnext",
        charset: "utf8",
        sourcemap: "external",
        sourcesContent: false,
        treeShaking: false,
        logLevel: "silent",
        tsconfigRaw: { compilerOptions: { verbatimModuleSyntax: true } },
      });
      // The compiler is a process of its own: the parser is loaded meanwhile.
      const [{ code, map }, { parse }] = await Promise.all([transforming, import("acorn")]);
      const program = parse(code, { ecmaVersion: "latest", sourceType: "module", locations: true });
      const trace = new TraceMap(map);
      const original = (line: number, column: number): SourcePlace => {
        const found = originalPositionFor(trace, { line, column });
        return found.line === null ? { line: 1, column: 1 } : { line: found.line, column: found.column + 1 };
      };
      return { ...bare, program, original };
    } catch (error) {
      this.#violations.push(...syntaxViolations(error, file));
      return null;
    }
  }
}

async function readSmall(absolute: string): Promise<string | null> {
  const { size } = await stat(absolute);
  if (size > LARGEST_FILE) return null;
  const text = await readFile(absolute, "utf8");
  return text.replaceAll(/\r\n?/g, "\n");
}

interface ImportSite {
  readonly specifier: string;
  readonly place: SourcePlace;
}

function importsOf(module: SourceModule): readonly ImportSite[] {
  return (module.program?.body ?? []).flatMap((node) => {
    const importing = node.type === "ImportDeclaration" || node.type === "ExportNamedDeclaration" || node.type === "ExportAllDeclaration";
    if (!importing || node.source === null || node.source === undefined || !node.loc) return [];
    const place = module.original(node.loc.start.line, node.loc.start.column);
    return [{ specifier: String(node.source.value), place }];
  });
}

/** The import declarations of `onetape/strategy` in a program. */
export function strategyImports(program: Program): readonly ImportDeclaration[] {
  return program.body.filter((node) => node.type === "ImportDeclaration" && node.source.value === STRATEGY_MODULE) as ImportDeclaration[];
}

/** Why an import may not be, or null where it leads to a file inside the folder or to our own module. */
function refusalOf(specifier: string, importer: string): string | null {
  if (specifier === STRATEGY_MODULE) return null;
  if (specifier.startsWith("node:")) return "a strategy has no access to the machine, its files or its network";
  if (isAbsolute(specifier) || /^[a-z][a-z0-9+.-]*:/i.test(specifier)) return "an absolute place differs between machines";
  if (!/^\.{1,2}(?:\/|$)/.test(specifier)) return "packages are not part of a strategy's identity";
  const target = posix.join(posix.dirname(importer), specifier);
  return target === ".." || target.startsWith("../") ? "it leads out of the strategy's folder" : null;
}

/** What an import may mean, in order of preference. */
function candidatesOf(target: string): readonly string[] {
  const extension = posix.extname(target);
  const typed = extension === ".js" || extension === ".mjs" ? [`${target.slice(0, -extension.length)}${extension.replace("j", "t")}`] : [];
  const exact = extension === ".json" || MODULE_EXTENSIONS.some((known) => known === extension) ? [target, ...typed] : [];
  const guessed =
    exact.length > 0
      ? []
      : [
          ...MODULE_EXTENSIONS.map((known) => `${target}${known}`),
          ...MODULE_EXTENSIONS.map((known) => posix.join(target, `index${known}`)),
        ];
  return [...exact, ...guessed];
}

function syntaxViolations(error: unknown, file: string): readonly StrategyViolation[] {
  const expected = "TypeScript or JavaScript that parses";
  if (isBuildFailure(error)) return error.errors.map((message) => syntaxViolation(message, file));
  const message = error instanceof Error ? error.message : String(error);
  return [{ category: "StrategyLoad", code: "STRATEGY_SYNTAX", message, file, expected }];
}

function isBuildFailure(error: unknown): error is { readonly errors: readonly Message[] } {
  return typeof error === "object" && error !== null && "errors" in error && Array.isArray(error.errors);
}

/** An error of esbuild with its place; columns there are bytes from 0, here UTF-16 units from 1. */
export function syntaxViolation({ text, location }: Message, file: string): StrategyViolation {
  const base = {
    category: "StrategyLoad",
    code: "STRATEGY_SYNTAX",
    message: text,
    file,
    expected: "TypeScript or JavaScript that parses",
  } as const;
  if (location === null) return base;
  const column = Buffer.from(location.lineText, "utf8").subarray(0, location.column).toString("utf8").length + 1;
  return { ...base, line: location.line, column, value: location.lineText };
}
