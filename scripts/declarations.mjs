import { readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";

/** No package entry leads into an application; the library is made of `src/apps/library`. */
const untyped = /^src\/apps\/(?!library\/)/;

/**
 * Writes the declarations of changed files, one file at a time and without a type check (the sources declare their exports' types).
 *
 * @param known by source path: the content hash and the problems of the last build.
 * @param hasOutput says whether the last build's file is still there.
 * @returns the files of `dist`, null where the last build's file still holds; and the record for the next build.
 */
export async function emitDeclarations(root, inputs, known, hasOutput) {
  const files = new Map();
  const record = {};
  const changed = [];
  for (const path of Object.keys(inputs).filter((path) => path.startsWith("src/") && !untyped.test(path))) {
    const { sha256 } = inputs[path];
    const names = outputNames(path);
    if (known[path]?.sha256 === sha256 && names.every(hasOutput)) {
      record[path] = known[path];
      for (const name of names) files.set(name, null);
    } else {
      changed.push([path, sha256, names]);
    }
  }
  if (changed.length === 0) return { files, record };

  const { default: ts } = await import("typescript");
  const { config } = ts.readConfigFile(join(root, "tsconfig.json"), ts.sys.readFile);
  const { options } = ts.convertCompilerOptionsFromJson({ ...config.compilerOptions, noEmit: false, declarationMap: true }, root);
  for (const [path, sha256, [declaration, map]] of changed) {
    const emitted = ts.transpileDeclaration(readFileSync(join(root, path), "utf8"), {
      fileName: path,
      compilerOptions: options,
      reportDiagnostics: true,
    });
    files.set(declaration, Buffer.from(emitted.outputText));
    files.set(map, Buffer.from(pointToSource(emitted.sourceMapText, path, map)));
    record[path] = { sha256, problems: (emitted.diagnostics ?? []).map((diagnostic) => describe(ts, path, diagnostic)) };
  }
  return { files, record };
}

function outputNames(path) {
  const stem = path.replace(/^src\//, "types/").replace(/\.ts$/, "");
  return [`${stem}.d.ts`, `${stem}.d.ts.map`];
}

function pointToSource(text, path, map) {
  return JSON.stringify({
    ...JSON.parse(text),
    sourceRoot: "",
    sources: [relative(dirname(join("dist", map)), path).replaceAll("\\", "/")],
  });
}

function describe(ts, path, { file, start, messageText }) {
  const { line, character } = file === undefined ? { line: 0, character: 0 } : file.getLineAndCharacterOfPosition(start ?? 0);
  return `${path}:${line + 1}:${character + 1} ${ts.flattenDiagnosticMessageText(messageText, " ")}`;
}
