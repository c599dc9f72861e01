import type {
  AnyNode,
  ArrowFunctionExpression,
  FunctionDeclaration,
  FunctionExpression,
  Identifier,
  Pattern,
  Program,
  VariableDeclaration,
} from "acorn";
import { fullAncestor } from "acorn-walk";

export type FunctionNode = FunctionDeclaration | FunctionExpression | ArrowFunctionExpression;

/** A name that a program declares. */
export interface Binding {
  readonly name: string;
  readonly kind: "const" | "let" | "var" | "function" | "class" | "import" | "parameter";
  /** The function around the declaration, or null at module level. */
  readonly owner: FunctionNode | null;
  /** What a variable is declared as, a function's or class's own node, or null. */
  readonly value: AnyNode | null;
}

type Names = Map<string, Binding>;

/** Which declaration every identifier of a program means. */
export class Scopes {
  readonly #scopes: ReadonlyMap<AnyNode, Names>;

  constructor(program: Program) {
    const scopes = new Map<AnyNode, Names>();
    fullAncestor(program, (node, _state, ancestors) => {
      declare(scopes, node as AnyNode, ancestors as AnyNode[]);
    });
    this.#scopes = scopes;
  }

  /** @returns undefined for a global */
  resolve(identifier: Identifier, ancestors: readonly AnyNode[]): Binding | undefined {
    for (let i = ancestors.length - 1; i >= 0; i--) {
      const scope = ancestors[i];
      const binding = scope === undefined ? undefined : this.#scopes.get(scope)?.get(identifier.name);
      if (binding !== undefined) return binding;
    }
    return undefined;
  }
}

export function isFunction(node: AnyNode | undefined): node is FunctionNode {
  return node?.type === "FunctionDeclaration" || node?.type === "FunctionExpression" || node?.type === "ArrowFunctionExpression";
}

/** The innermost function around a node, the node itself not counted; null at module level. */
export function enclosingFunction(ancestors: readonly AnyNode[]): FunctionNode | null {
  for (let i = ancestors.length - 2; i >= 0; i--) {
    const node = ancestors[i];
    if (isFunction(node)) return node;
  }
  return null;
}

/** All identifiers that a pattern binds or assigns to. */
export function* namesIn(pattern: Pattern | null | undefined): Iterable<Identifier> {
  switch (pattern?.type) {
    case "Identifier":
      yield pattern;
      break;
    case "ArrayPattern":
      for (const element of pattern.elements) yield* namesIn(element);
      break;
    case "ObjectPattern":
      for (const property of pattern.properties) yield* namesIn(property.type === "Property" ? property.value : property.argument);
      break;
    case "AssignmentPattern":
      yield* namesIn(pattern.left);
      break;
    case "RestElement":
      yield* namesIn(pattern.argument);
      break;
  }
}

const BLOCKS: ReadonlySet<AnyNode["type"]> = new Set([
  "Program",
  "BlockStatement",
  "StaticBlock",
  "ForStatement",
  "ForInStatement",
  "ForOfStatement",
  "SwitchStatement",
]);

function declare(scopes: Map<AnyNode, Names>, node: AnyNode, ancestors: readonly AnyNode[]): void {
  const owner = enclosingFunction(ancestors);
  const add = (
    scope: AnyNode | undefined,
    name: string,
    kind: Binding["kind"],
    value: AnyNode | null,
    within: FunctionNode | null = owner,
  ): void => {
    if (scope === undefined) return;
    const names = scopes.get(scope) ?? new Map<string, Binding>();
    scopes.set(scope, names.set(name, { name, kind, owner: within, value }));
  };
  const outer = ancestors.slice(0, -1);
  if (node.type === "VariableDeclaration") declareVariables(node, outer, add);
  if (node.type === "ImportDeclaration") for (const { local } of node.specifiers) add(outer.at(-1), local.name, "import", null);
  if (node.type === "CatchClause") for (const { name } of namesIn(node.param)) add(node, name, "let", null);
  if (node.type === "ClassDeclaration" || node.type === "ClassExpression") {
    if (node.id) add(node.type === "ClassDeclaration" ? block(outer) : node, node.id.name, "class", node);
  }
  if (!isFunction(node)) return;
  if (node.type !== "ArrowFunctionExpression") {
    add(node, "arguments", "parameter", null, node);
    if (node.id) add(node.type === "FunctionDeclaration" ? block(outer) : node, node.id.name, "function", node);
  }
  for (const parameter of node.params) for (const { name } of namesIn(parameter)) add(node, name, "parameter", null, node);
}

function declareVariables(
  node: VariableDeclaration,
  outer: readonly AnyNode[],
  add: (scope: AnyNode | undefined, name: string, kind: Binding["kind"], value: AnyNode | null) => void,
): void {
  const kind = node.kind === "var" || node.kind === "let" ? node.kind : "const";
  const scope =
    kind === "var"
      ? outer.findLast((around) => isFunction(around) || around.type === "Program" || around.type === "StaticBlock")
      : block(outer);
  for (const { id, init } of node.declarations) for (const { name } of namesIn(id)) add(scope, name, kind, init ?? null);
}

function block(ancestors: readonly AnyNode[]): AnyNode | undefined {
  return ancestors.findLast((node) => BLOCKS.has(node.type));
}
