import type { Node } from "acorn";

/** Why something is refused, and what its author can do instead. */
export interface Ban {
  readonly code:
    | "STRATEGY_NONDETERMINISM"
    | "STRATEGY_ASYNC"
    | "STRATEGY_ESCAPE"
    | "STRATEGY_MUTABLE_MODULE_STATE"
    | "STRATEGY_UNKNOWN_GLOBAL";
  readonly why: string;
  readonly advice: string;
}

/** Reports what the guard refuses: the node, its name in the message, and why. */
export type Report = (node: Node, what: string, ban: Ban) => void;

const clock: Ban = {
  code: "STRATEGY_NONDETERMINISM",
  why: "reads the machine's clock",
  advice: "take the time from ctx.ts or bar.ts, milliseconds since 1970 in UTC",
};
const random: Ban = {
  code: "STRATEGY_NONDETERMINISM",
  why: "gives another value in every run",
  advice: "derive it from the bars, or keep a seeded generator in ctx.state",
};
const timer: Ban = {
  code: "STRATEGY_NONDETERMINISM",
  why: "runs code at a time that no replay can repeat",
  advice: "count bars or compare ctx.ts in a handler",
};
const locale: Ban = {
  code: "STRATEGY_NONDETERMINISM",
  why: "depends on the machine's language and its data",
  advice: "compare with < and >, format with String() or toFixed()",
};
const output: Ban = {
  code: "STRATEGY_NONDETERMINISM",
  why: "writes outside the tape",
  advice: "put what you want to see into a signal's metadata or into ctx.state: both are on the tape",
};
const concurrency: Ban = {
  code: "STRATEGY_ASYNC",
  why: "lets code run in an order that no replay can repeat",
  advice: "write plain synchronous functions",
};
const collection: Ban = {
  code: "STRATEGY_NONDETERMINISM",
  why: "depends on when the machine collects garbage",
  advice: "keep plain values in ctx.state",
};
const machine: Ban = {
  code: "STRATEGY_ESCAPE",
  why: "reaches the machine, its files or its network",
  advice: "give the strategy what it needs as params or bars",
};
const evaluation: Ban = {
  code: "STRATEGY_ESCAPE",
  why: "runs text as code, which nothing can check",
  advice: "write the code into the file",
};
const reflection: Ban = {
  code: "STRATEGY_ESCAPE",
  why: "leads around the guard to hidden globals or hidden state",
  advice: "use plain objects and functions",
};
const trace: Ban = {
  code: "STRATEGY_NONDETERMINISM",
  why: "holds paths and lines of the machine that runs it",
  advice: "use the error's message",
};

/** What is refused where it is free, that is, where the strategy has not declared the name itself. */
export const BANNED_GLOBALS: ReadonlyMap<string, Ban> = new Map([
  ...names("Date performance Temporal", clock),
  ...names("crypto", random),
  ...names("setTimeout setInterval setImmediate clearTimeout clearInterval clearImmediate queueMicrotask requestAnimationFrame", timer),
  ...names("Intl", locale),
  ...names("console", output),
  ...names("Promise Atomics SharedArrayBuffer Worker MessageChannel BroadcastChannel", concurrency),
  ...names("WeakRef FinalizationRegistry", collection),
  ...names("process require module exports __dirname __filename Buffer fetch XMLHttpRequest WebSocket navigator WebAssembly", machine),
  ...names("eval Function", evaluation),
  ...names("globalThis self window global Proxy Reflect", reflection),
]);

/** What is refused as a member of anything. */
export const BANNED_MEMBERS: ReadonlyMap<string, Ban> = new Map([
  ...names("toLocaleString toLocaleDateString toLocaleTimeString toLocaleUpperCase toLocaleLowerCase localeCompare", locale),
  ...names("constructor __proto__ __defineGetter__ __defineSetter__ __lookupGetter__ __lookupSetter__", reflection),
  ...names("stack captureStackTrace stackTraceLimit prepareStackTrace", trace),
  ...names("fromAsync asyncIterator", concurrency),
]);

export const RANDOM: Ban = random;

export const ASYNC: Ban = concurrency;

export const GENERATOR: Ban = {
  code: "STRATEGY_ASYNC",
  why: "keeps hidden state between calls",
  advice: "write plain functions, keep what lasts in ctx.state",
};

export const DYNAMIC_IMPORT: Ban = {
  code: "STRATEGY_ESCAPE",
  why: "loads code that is not part of the strategy's identity",
  advice: "import at the top of the file",
};

export const IMPORT_META: Ban = {
  code: "STRATEGY_ESCAPE",
  why: "tells where the file lies on this machine",
  advice: "pass what you need as a param",
};

export const THIS: Ban = {
  code: "STRATEGY_MUTABLE_MODULE_STATE",
  why: "may be the definition, which no handler can change",
  advice: "use ctx.state for what lasts from bar to bar",
};

export const UNKNOWN_GLOBAL: Ban = {
  code: "STRATEGY_UNKNOWN_GLOBAL",
  why: "is neither declared here nor among the globals that a strategy may use",
  advice: "declare it, import it, or check its spelling",
};

const STATE_ADVICE = "return it from state() and use ctx.state: the engine hashes, saves and restores that";

export const MODULE_VARIABLE: Ban = {
  code: "STRATEGY_MUTABLE_MODULE_STATE",
  why: "is a variable at module level, which the tape does not know",
  advice: `declare it const if it never changes, else ${STATE_ADVICE}`,
};

export const ENUM: Ban = {
  code: "STRATEGY_MUTABLE_MODULE_STATE",
  why: "compiles to an object that code can change",
  advice: 'write `const Name = { A: "a", B: "b" } as const`',
};

export const MODULE_INSTANCE: Ban = {
  code: "STRATEGY_MUTABLE_MODULE_STATE",
  why: "makes an object at module level that could keep state from bar to bar",
  advice: `use a plain constant object or array, or ${STATE_ADVICE}`,
};

export const MODULE_MUTATION: Ban = {
  code: "STRATEGY_MUTABLE_MODULE_STATE",
  why: "changes something that outlives the handler, unseen by the tape",
  advice: STATE_ADVICE,
};

function names(list: string, ban: Ban): readonly (readonly [string, Ban])[] {
  return list.split(" ").map((name) => [name, ban]);
}
