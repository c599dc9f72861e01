import type { AnyNode, Identifier, Program, VariableDeclaration } from "acorn";
import { fullAncestor } from "acorn-walk";
import { ENUM, MODULE_INSTANCE, MODULE_MUTATION, MODULE_VARIABLE, type Report } from "./banned-names.js";
import { methodOf } from "./member-names.js";
import { type Binding, enclosingFunction, type FunctionNode, isFunction, namesIn, type Scopes } from "./scopes.js";
import { ALLOWED_GLOBALS } from "./strategy-globals.js";

/** Methods of arrays and typed arrays that change what they are called on. Maps and sets cannot be made at module level at all. */
const MUTATING_METHODS: ReadonlySet<string> = new Set("push pop shift unshift splice sort reverse fill copyWithin".split(" "));

/** Functions of `Object` that change their first argument. */
const MUTATING_FUNCTIONS: ReadonlySet<string> = new Set("assign defineProperty defineProperties setPrototypeOf".split(" "));

const LONGEST_ALIAS_CHAIN = 10;

/** A reference to something that outlives a handler. */
interface Lasting {
  readonly name: string;
  /** Undefined for a global. */
  readonly binding: Binding | undefined;
}

/**
 * Finds state that a strategy keeps outside `ctx.state`: variables and instances at module level, and changes of module-level
 * or global things from within a function. It sees the plain forms; what hides behind several calls shows when a run is replayed.
 */
export class ModuleState {
  readonly #scopes: Scopes;
  readonly #report: Report;
  /** Functions that run while the module loads: their variables live on in the functions they return. */
  readonly #runAtLoad: Set<FunctionNode> = new Set();

  constructor(program: Program, scopes: Scopes, report: Report) {
    this.#scopes = scopes;
    this.#report = report;
    fullAncestor(program, (node, _state, ancestors) => {
      this.#noteCall(node as AnyNode, ancestors as AnyNode[]);
    });
  }

  judge(node: AnyNode, ancestors: readonly AnyNode[]): void {
    switch (node.type) {
      case "VariableDeclaration":
        this.#judgeVariables(node, ancestors);
        break;
      case "NewExpression":
        if (runsAtLoad(ancestors) && !this.#isRefusedGlobal(node.callee, ancestors)) this.#report(node, "new", MODULE_INSTANCE);
        break;
      case "Literal":
        if ("regex" in node && /[gy]/.test(node.regex?.flags ?? "") && runsAtLoad(ancestors)) {
          this.#report(node, "a regular expression that remembers where it stopped", MODULE_INSTANCE);
        }
        break;
      case "AssignmentExpression":
        this.#judgeTarget(node, node.left, ancestors);
        break;
      case "UpdateExpression":
        this.#judgeTarget(node, node.argument, ancestors);
        break;
      case "UnaryExpression":
        if (node.operator === "delete") this.#judgeTarget(node, node.argument, ancestors);
        break;
      case "ForInStatement":
      case "ForOfStatement":
        if (node.left.type !== "VariableDeclaration") this.#judgeTarget(node, node.left, ancestors);
        break;
      case "CallExpression": {
        const method = methodOf(node);
        if (method === null) break;
        if (MUTATING_METHODS.has(method.name)) this.#judgeContent(node, method.object, ancestors, method.name);
        const [first] = node.arguments;
        const onObject = method.object.type === "Identifier" && method.object.name === "Object" && MUTATING_FUNCTIONS.has(method.name);
        if (onObject && first !== undefined) this.#judgeContent(node, first, ancestors);
        break;
      }
    }
  }

  #noteCall(node: AnyNode, ancestors: readonly AnyNode[]): void {
    if (node.type !== "CallExpression" || enclosingFunction(ancestors) !== null) return;
    const { callee } = node;
    if (isFunction(callee)) this.#runAtLoad.add(callee);
    const value = callee.type === "Identifier" ? this.#scopes.resolve(callee, ancestors)?.value : null;
    if (value && isFunction(value)) this.#runAtLoad.add(value);
  }

  #judgeVariables(node: VariableDeclaration, ancestors: readonly AnyNode[]): void {
    if ((node.kind !== "let" && node.kind !== "var") || !isAtTop(ancestors)) return;
    const names = node.declarations.flatMap(({ id }) => [...namesIn(id)].map(({ name }) => name));
    const ban = node.kind === "var" && node.declarations.some(({ id, init }) => isEnum(id, init)) ? ENUM : MODULE_VARIABLE;
    this.#report(node, `"${names.join(", ")}"`, ban);
  }

  /** A target of an assignment: a name, a member, or a pattern of both. */
  #judgeTarget(site: AnyNode, target: AnyNode, ancestors: readonly AnyNode[]): void {
    switch (target.type) {
      case "Identifier": {
        const lasting = this.#lastingName(target, ancestors);
        if (lasting !== null && !isReportedAtDeclaration(lasting.binding))
          this.#report(site, `the change of "${lasting.name}"`, MODULE_MUTATION);
        break;
      }
      case "MemberExpression":
        this.#judgeContent(site, target.object, ancestors);
        break;
      case "ArrayPattern":
        for (const element of target.elements) if (element !== null) this.#judgeTarget(site, element, ancestors);
        break;
      case "ObjectPattern":
        for (const property of target.properties)
          this.#judgeTarget(site, property.type === "Property" ? property.value : property.argument, ancestors);
        break;
      case "AssignmentPattern":
        this.#judgeTarget(site, target.left, ancestors);
        break;
      case "RestElement":
        this.#judgeTarget(site, target.argument, ancestors);
        break;
    }
  }

  /** Something within `object` changes. */
  #judgeContent(site: AnyNode, object: AnyNode, ancestors: readonly AnyNode[], method?: string): void {
    const root = rootOf(object);
    if (root?.type === "ThisExpression" && isStatic(ancestors)) this.#report(site, "the change of a static member", MODULE_MUTATION);
    if (root?.type !== "Identifier") return;
    const lasting = this.#lastingContent(root, ancestors);
    if (lasting === null || isReportedAtDeclaration(lasting.binding)) return;
    // An object of the strategy's own may well have a method that is called push.
    if (method !== undefined && hasOwnMethod(lasting.binding?.value, method)) return;
    this.#report(site, `the change of "${lasting.name}"`, MODULE_MUTATION);
  }

  #lastingName(name: Identifier, ancestors: readonly AnyNode[]): Lasting | null {
    const binding = this.#scopes.resolve(name, ancestors);
    if (binding === undefined) return ALLOWED_GLOBALS.has(name.name) ? { name: name.name, binding } : null;
    return this.#outlives(binding, ancestors) ? { name: name.name, binding } : null;
  }

  /** Follows local constants to what they stand for, because a change of their content is a change of that. */
  #lastingContent(name: Identifier, ancestors: readonly AnyNode[]): Lasting | null {
    let current = name;
    for (let step = 0; step < LONGEST_ALIAS_CHAIN; step++) {
      const lasting = this.#lastingName(current, ancestors);
      if (lasting !== null) return lasting;
      const binding = this.#scopes.resolve(current, ancestors);
      const root = binding?.value ? rootOf(binding.value) : null;
      if (root?.type !== "Identifier" || root === current) return null;
      current = root;
    }
    return null;
  }

  #outlives(binding: Binding, ancestors: readonly AnyNode[]): boolean {
    const within = enclosingFunction(ancestors);
    if (binding.owner === null) return within !== null;
    return binding.owner !== within && this.#runAtLoad.has(binding.owner);
  }

  #isRefusedGlobal(callee: AnyNode, ancestors: readonly AnyNode[]): boolean {
    return callee.type === "Identifier" && this.#scopes.resolve(callee, ancestors) === undefined && !ALLOWED_GLOBALS.has(callee.name);
  }
}

/** Module-level variables are reported once, where they are declared. */
function isReportedAtDeclaration(binding: Binding | undefined): boolean {
  return binding !== undefined && binding.owner === null && (binding.kind === "let" || binding.kind === "var");
}

/** True for a declaration of the module itself, not of a block or a loop in it. */
function isAtTop(ancestors: readonly AnyNode[]): boolean {
  const parent = ancestors.at(-2);
  return parent?.type === "Program" || (parent?.type === "ExportNamedDeclaration" && ancestors.at(-3)?.type === "Program");
}

/** True outside functions and outside the fields that a class gives each of its instances. */
function runsAtLoad(ancestors: readonly AnyNode[]): boolean {
  return enclosingFunction(ancestors) === null && !ancestors.some((node) => node.type === "PropertyDefinition" && !node.static);
}

function isStatic(ancestors: readonly AnyNode[]): boolean {
  const member = ancestors.findLast(
    (node) => node.type === "MethodDefinition" || node.type === "PropertyDefinition" || node.type === "StaticBlock",
  );
  return member?.type === "MethodDefinition" && member.static;
}

/** The name or `this` at the left end of a chain of members. */
function rootOf(node: AnyNode): AnyNode | null {
  if (node.type === "MemberExpression") return rootOf(node.object);
  if (node.type === "ChainExpression" || node.type === "ParenthesizedExpression") return rootOf(node.expression);
  return node.type === "Identifier" || node.type === "ThisExpression" ? node : null;
}

function hasOwnMethod(value: AnyNode | null | undefined, name: string): boolean {
  if (value?.type !== "ObjectExpression") return false;
  return value.properties.some(
    (property) => property.type === "Property" && property.key.type === "Identifier" && property.key.name === name,
  );
}

/** What esbuild makes of a TypeScript enum or namespace: `var Name = ((Name) => {...})(Name || {})`. */
function isEnum(id: AnyNode, init: AnyNode | null | undefined): boolean {
  if (id.type !== "Identifier" || init?.type !== "CallExpression" || !isFunction(init.callee)) return false;
  const [argument] = init.arguments;
  return argument?.type === "LogicalExpression" && argument.left.type === "Identifier" && argument.left.name === id.name;
}
