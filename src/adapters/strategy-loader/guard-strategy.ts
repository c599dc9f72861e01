import type { AnyNode, Identifier, MemberExpression, Node, ObjectPattern } from "acorn";
import { fullAncestor } from "acorn-walk";
import { strategyMath } from "../../core/numeric/strategy-math.js";
import {
  ASYNC,
  BANNED_GLOBALS,
  BANNED_MEMBERS,
  DYNAMIC_IMPORT,
  GENERATOR,
  IMPORT_META,
  RANDOM,
  type Report,
  THIS,
  UNKNOWN_GLOBAL,
} from "./banned-names.js";
import { nameOfKey } from "./member-names.js";
import { ModuleState } from "./module-state.js";
import { isFunction, Scopes } from "./scopes.js";
import { type SourceModule, violationAt } from "./source-set.js";
import { ALLOWED_GLOBALS } from "./strategy-globals.js";
import { byPlace, type StrategyViolation } from "./strategy-violation.js";

/**
 * Finds what could make a strategy give another result at another time or on another machine: clocks, randomness, locale,
 * asynchronous code, ways out of the sandbox, and state that lives outside `ctx.state`. Every finding, in file and line order.
 *
 * It guards against accidents. It is no security boundary: run only strategies that you trust.
 *
 * @param modules the parsed sources of a bundle
 */
export function guardStrategy(modules: readonly SourceModule[]): readonly StrategyViolation[] {
  return modules.flatMap((module) => [...guardModule(module)].sort(byPlace));
}

function guardModule(module: SourceModule): Iterable<StrategyViolation> {
  const { program } = module;
  if (program === null) return [];
  const scopes = new Scopes(program);
  const findings = new Map<string, StrategyViolation>();
  const report: Report = (node, what, ban) => {
    const start = node.loc?.start;
    if (start === undefined) return;
    const place = module.original(start.line, start.column);
    const key = `${place.line}:${place.column}:${ban.code}`;
    if (findings.has(key)) return;
    const message = `${what} ${ban.why}`;
    findings.set(key, violationAt(module, place, { category: "Sandbox", code: ban.code, message, expected: ban.advice }));
  };
  const state = new ModuleState(program, scopes, report);
  fullAncestor(program, (node, _state, ancestors) => {
    const at = node as AnyNode;
    const above = ancestors as AnyNode[];
    judgeNames(at, above, scopes, report);
    judgeSyntax(at, above, report);
    state.judge(at, above);
  });
  return findings.values();
}

function judgeNames(node: AnyNode, ancestors: readonly AnyNode[], scopes: Scopes, report: Report): void {
  if (node.type === "Identifier") judgeGlobal(node, ancestors, scopes, report);
  if (node.type === "MemberExpression") judgeMember(node, ancestors, scopes, report);
  if (node.type === "VariableDeclarator" && node.id.type === "ObjectPattern") {
    const ofMath = node.init?.type === "Identifier" && isFreeMath(node.init, ancestors, scopes);
    judgePattern(node.id, ofMath, report);
  } else if (node.type === "ObjectPattern") {
    judgePattern(node, false, report);
  }
  if (node.type === "Property" && ancestors.at(-2)?.type === "ObjectExpression") {
    const name = nameOfKey(node.key, node.computed);
    const ban = name === "__proto__" ? BANNED_MEMBERS.get(name) : undefined;
    if (ban !== undefined) report(node, "the key __proto__", ban);
  }
}

function judgeGlobal(node: Identifier, ancestors: readonly AnyNode[], scopes: Scopes, report: Report): void {
  if (scopes.resolve(node, ancestors) !== undefined || ALLOWED_GLOBALS.has(node.name)) return;
  report(node, `"${node.name}"`, BANNED_GLOBALS.get(node.name) ?? UNKNOWN_GLOBAL);
}

function judgeMember(node: MemberExpression, ancestors: readonly AnyNode[], scopes: Scopes, report: Report): void {
  if (node.property.type === "PrivateIdentifier") return;
  const name = nameOfKey(node.property, node.computed);
  if (name === null) return;
  if (isFreeMath(node.object, ancestors, scopes)) {
    judgeMath(node, name, report);
    return;
  }
  const ban = BANNED_MEMBERS.get(name);
  if (ban !== undefined) report(node.property, `".${name}"`, ban);
}

function judgeMath(node: Node, name: string, report: Report): void {
  if (Object.hasOwn(strategyMath, name)) return;
  if (name === "random") report(node, "Math.random", RANDOM);
  else report(node, `Math.${name}`, UNKNOWN_GLOBAL);
}

function judgePattern(pattern: ObjectPattern, ofMath: boolean, report: Report): void {
  for (const property of pattern.properties) {
    if (property.type !== "Property") continue;
    const name = nameOfKey(property.key, property.computed);
    if (name === null) continue;
    const ban = BANNED_MEMBERS.get(name);
    if (ofMath) judgeMath(property, name, report);
    else if (ban !== undefined) report(property, `".${name}"`, ban);
  }
}

function judgeSyntax(node: AnyNode, ancestors: readonly AnyNode[], report: Report): void {
  if (isFunction(node)) {
    if (node.async) report(node, "an async function", ASYNC);
    else if (node.generator) report(node, "a generator", GENERATOR);
    return;
  }
  switch (node.type) {
    case "AwaitExpression":
      // Inside an async function the function is the finding.
      if (!ancestors.some((around) => isFunction(around) && around.async)) report(node, "await", ASYNC);
      break;
    case "ForOfStatement":
      if (node.await && !ancestors.some((around) => isFunction(around) && around.async)) report(node, "for await", ASYNC);
      break;
    case "ImportExpression":
      report(node, "import()", DYNAMIC_IMPORT);
      break;
    case "MetaProperty":
      if (node.meta.name === "import") report(node, "import.meta", IMPORT_META);
      break;
    case "ThisExpression":
      if (!ancestors.some((around) => around.type === "ClassDeclaration" || around.type === "ClassExpression")) report(node, "this", THIS);
      break;
  }
}

function isFreeMath(node: AnyNode, ancestors: readonly AnyNode[], scopes: Scopes): boolean {
  return node.type === "Identifier" && node.name === "Math" && scopes.resolve(node, ancestors) === undefined;
}
