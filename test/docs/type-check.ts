import { join } from "node:path";
import ts from "typescript";
import { root } from "./markdown-page.js";

/** Everything the compiler finds wrong with one file, as `line:column message`. Types of packages come from where the file lies. */
export function typeFaults(path: string): readonly string[] {
  const program = ts.createProgram([path], {
    target: ts.ScriptTarget.ES2023,
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
    strict: true,
    exactOptionalPropertyTypes: true,
    noUncheckedIndexedAccess: true,
    noEmit: true,
    skipLibCheck: true,
    types: ["node"],
    typeRoots: [join(root, "node_modules/@types")],
  });
  return ts.getPreEmitDiagnostics(program).map(({ file, start, messageText }) => {
    const text = ts.flattenDiagnosticMessageText(messageText, "\n");
    if (file === undefined || start === undefined) return text;
    const { line, character } = file.getLineAndCharacterOfPosition(start);
    return `${file.fileName === path ? "" : `${file.fileName}:`}${line + 1}:${character + 1} ${text}`;
  });
}
