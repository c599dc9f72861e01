import { strategyMath } from "../../core/numeric/strategy-math.js";
import * as strategyApi from "../../core/strategy/index.js";
import type { AnyStrategy } from "../../core/strategy/strategy.js";
import { checkDefinition } from "../../core/strategy/validate-definition.js";
import { ALLOWED_GLOBALS, API_NAME, BUNDLE_URL } from "./strategy-globals.js";

const IDENTIFIER = /^[A-Za-z_$][\w$]*$/;

/** Names that hosts put around modules without listing them on the global object. */
const HOST_NAMES = [
  "require",
  "module",
  "exports",
  "process",
  "global",
  "globalThis",
  "self",
  "window",
  "__filename",
  "__dirname",
  "eval",
  "Function",
];

/**
 * Evaluates a bundled strategy in a function whose parameters hide every global that is not allowed, and which
 * receives our own `Math` and the exports of `onetape/strategy`. Light enough for a worker: needs neither bundler nor parser.
 *
 * A determinism guard, no security boundary: code that wants out finds a way.
 *
 * @param code a bundle as `bundleStrategy` makes it
 * @returns the default export, its parts frozen; not checked yet
 * @throws whatever the strategy's own top level throws
 */
export function instantiateStrategy(code: string, api: Readonly<Record<string, unknown>> = strategyApi): unknown {
  const hidden = [...new Set([...Object.getOwnPropertyNames(globalThis), ...HOST_NAMES])].filter(
    (name) => IDENTIFIER.test(name) && !ALLOWED_GLOBALS.has(name),
  );
  // The hidden names are parameters of a sloppy function, because a strict one may not have a parameter named eval; the strategy itself is strict.
  const evaluate = new Function(
    API_NAME,
    "Math",
    ...hidden,
    `return (function () { "use strict"; ${code}\n}).call(undefined);\n//# sourceURL=${BUNDLE_URL}`,
  );
  return frozen(evaluate(api, strategyMath));
}

/**
 * Instantiates a stored bundle.
 *
 * @throws {Error} when the text is no bundle of a valid strategy: it was changed, or made by another version
 */
export function reviveStrategy(code: string): AnyStrategy {
  const checked = checkDefinition(instantiateStrategy(code));
  if (checked.kind === "valid") return checked.definition;
  throw new Error(`the stored strategy is not valid: ${checked.violations.map(({ message }) => message).join("; ")}`);
}

/** Freezes the definition and what it declares, so that no handler can keep state there. */
function frozen(part: unknown): unknown {
  if (typeof part !== "object" || part === null || Object.isFrozen(part)) return part;
  Object.freeze(part);
  for (const value of Object.values(part)) frozen(value);
  return part;
}
