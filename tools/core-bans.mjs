// Fails on code in the core or in an example strategy that could give other bytes at another time or on another machine.
// It works by permission: a global that is not listed here is refused, so a new way to read a clock is refused too.

import { readdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import ts from "typescript";

const scopes = [
  { folder: "src/core", modules: /^(?:\.\.?\/|typebox(?:\/|$))/, offer: "files of the core, and typebox" },
  { folder: "examples", modules: /^(?:\.\.?\/|onetape\/strategy$)/, offer: "files of the strategy, and onetape/strategy" },
];

const allowedGlobals = new Set(
  `undefined NaN Infinity isNaN isFinite parseInt parseFloat encodeURIComponent decodeURIComponent structuredClone
  Object Array String Number Boolean BigInt Symbol RegExp JSON Reflect Proxy Map Set WeakMap WeakSet
  Error TypeError RangeError SyntaxError EvalError ReferenceError URIError AggregateError
  ArrayBuffer SharedArrayBuffer DataView Int8Array Uint8Array Uint8ClampedArray Int16Array Uint16Array Int32Array Uint32Array
  Float32Array Float64Array BigInt64Array BigUint64Array TextEncoder TextDecoder arguments`.split(/\s+/),
);

/** IEEE 754 and ECMAScript fix these to the bit; everything else on `Math` is left to the engine. */
const allowedMath = new Set(
  "abs ceil clz32 floor fround imul max min round sign sqrt trunc E LN10 LN2 LOG10E LOG2E PI SQRT1_2 SQRT2".split(" "),
);

/** Uses that were weighed and granted, by file; the reason stands there. */
const granted = { "src/core/tape/payload-encoder.ts": new Set(["Function"]) };

const refusedTypes = new Set(["Date", "Buffer", "NodeJS", "Intl"]);
const localeCall = /^(?:toLocale[A-Z]\w*|localeCompare)$/;

/**
 * @param root the folder of the repository
 * @returns one `{path, line, column, rule, message}` per violation, in path and text order
 */
export function findBans(root) {
  return scopes.flatMap((scope) => findInScope(root, scope));
}

function findInScope(root, scope) {
  const paths = listFiles(root, scope.folder);
  const program = ts.createProgram(
    paths.map((path) => join(root, path)),
    { noLib: true, noResolve: true, types: [], target: ts.ScriptTarget.ES2023, module: ts.ModuleKind.ESNext },
  );
  const checker = program.getTypeChecker();
  return paths.flatMap((path) => {
    const file = program.getSourceFile(join(root, path));
    const found = [];
    const refuse = (node, rule, message) => {
      const { line, character } = file.getLineAndCharacterOfPosition(node.getStart(file));
      found.push({ path, line: line + 1, column: character + 1, rule, message });
    };
    const visit = (node) => {
      judge(node, { scope, checker, refuse, granted: granted[path] });
      ts.forEachChild(node, visit);
    };
    visit(file);
    return found;
  });
}

function judge(node, { scope, checker, refuse, granted }) {
  if (ts.isIdentifier(node) && !granted?.has(node.text)) judgeName(node, checker, refuse);
  if (isPower(node)) refuse(node, "no-power", "the ** operator differs between Node versions in the last bit; use src/core/numeric");
  if (ts.isAwaitExpression(node) || (ts.isForOfStatement(node) && node.awaitModifier !== undefined)) {
    refuse(node, "no-waiting", "the core is synchronous; wait in a use case");
  }
  if (node.kind === ts.SyntaxKind.AsyncKeyword) refuse(node, "no-waiting", "the core is synchronous; wait in a use case");
  if (ts.isMetaProperty(node) && node.keywordToken === ts.SyntaxKind.ImportKeyword) {
    refuse(node, "no-place", "import.meta tells where the code lies; the core must not know");
  }
  if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
    refuse(node, "no-import", "a dynamic import is I/O; hand the thing in");
  }
  const method = propertyName(node);
  if (method !== undefined && localeCall.test(method)) {
    refuse(node, "no-locale", `${method} depends on the machine's locale; compare code units, format explicitly`);
  }
  const specifier = (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) && node.moduleSpecifier;
  if (specifier && ts.isStringLiteral(specifier) && !scope.modules.test(specifier.text)) {
    refuse(specifier, "no-import", `${specifier.text} may not be imported here; allowed are ${scope.offer}`);
  }
}

function judgeName(node, checker, refuse) {
  if (ts.isTypeReferenceNode(node.parent) || ts.isQualifiedName(node.parent)) {
    const leftmost = !ts.isQualifiedName(node.parent) || node.parent.left === node;
    if (leftmost && refusedTypes.has(node.text) && isGlobal(node, checker))
      refuse(node, "no-global", `${node.text} does not belong in the core`);
    return;
  }
  if (ts.isPartOfTypeNode(node) || !isReference(node) || !isGlobal(node, checker)) return;
  if (node.text === "Math") {
    const name = propertyName(node.parent);
    if (name === undefined || node.parent.expression !== node) {
      refuse(node, "no-math", "Math may only be used as Math.name");
    } else if (!allowedMath.has(name)) {
      refuse(node.parent, "no-math", `Math.${name} may differ between engines or calls; use src/core/numeric`);
    }
  } else if (!allowedGlobals.has(node.text)) {
    refuse(node, "no-global", `the global ${node.text} is not among those that the core may use; hand the thing in`);
  }
}

function isPower(node) {
  if (!ts.isBinaryExpression(node)) return false;
  return [ts.SyntaxKind.AsteriskAsteriskToken, ts.SyntaxKind.AsteriskAsteriskEqualsToken].includes(node.operatorToken.kind);
}

function propertyName(node) {
  if (ts.isPropertyAccessExpression(node)) return node.name.text;
  if (ts.isElementAccessExpression(node) && ts.isStringLiteralLike(node.argumentExpression)) return node.argumentExpression.text;
  return;
}

/** True where the identifier reads a variable, not where it names a member, a label or a new thing. */
function isReference(node) {
  const { parent } = node;
  if (ts.isShorthandPropertyAssignment(parent)) return true;
  if (ts.isExportSpecifier(parent))
    return parent.parent.parent.moduleSpecifier === undefined && (parent.propertyName ?? parent.name) === node;
  if (ts.isImportSpecifier(parent) || ts.isJSDoc(parent)) return false;
  if (ts.isLabeledStatement(parent) || ts.isBreakOrContinueStatement(parent) || ts.isMetaProperty(parent)) return false;
  return parent.name !== node && parent.propertyName !== node;
}

function isGlobal(node, checker) {
  const symbol = ts.isShorthandPropertyAssignment(node.parent)
    ? checker.getShorthandAssignmentValueSymbol(node.parent)
    : checker.getSymbolAtLocation(node);
  return symbol === undefined || symbol.declarations === undefined || symbol.declarations.length === 0;
}

function listFiles(root, folder) {
  let entries;
  try {
    entries = readdirSync(join(root, folder), { recursive: true, withFileTypes: true });
  } catch (error) {
    if (error.code === "ENOENT") return [];
    throw error;
  }
  return entries
    .filter((entry) => entry.isFile() && entry.name.endsWith(".ts") && !entry.name.endsWith(".test.ts"))
    .map((entry) =>
      join(entry.parentPath, entry.name)
        .slice(resolve(root).length + 1)
        .replaceAll("\\", "/"),
    )
    .sort();
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const root = resolve(process.argv[2] ?? ".");
  const found = findBans(root);
  for (const { path, line, column, rule, message } of found) console.log(`${path}:${line}:${column} ${rule}: ${message}`);
  console.log(`${found.length} banned uses in the core and the example strategies`);
  process.exitCode = found.length === 0 ? 0 : 1;
}
