/** The globals that a strategy may use: each is fixed by ECMAScript and reads nothing of the machine. `Math` is ours. */
export const ALLOWED_GLOBALS: ReadonlySet<string> = new Set(
  `undefined NaN Infinity isNaN isFinite parseInt parseFloat encodeURI encodeURIComponent decodeURI decodeURIComponent
  Object Array String Number Boolean BigInt Symbol RegExp JSON Math Map Set WeakMap WeakSet
  Error TypeError RangeError SyntaxError ReferenceError EvalError URIError AggregateError
  ArrayBuffer DataView Int8Array Uint8Array Uint8ClampedArray Int16Array Uint16Array Int32Array Uint32Array
  Float32Array Float64Array BigInt64Array BigUint64Array`.split(/\s+/),
);

/** Name under which the bundle finds what `onetape/strategy` exports. */
export const API_NAME = "onetapeStrategy";

/** What stacks call the bundle. */
export const BUNDLE_URL = "onetape-strategy.js";

/** The one module that a strategy may import from outside its folder. */
export const STRATEGY_MODULE = "onetape/strategy";

/** Name under which bundles and source maps know the strategy's files. */
export const SOURCE_NAMESPACE = "strategy";
