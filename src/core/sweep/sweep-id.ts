import { canonicalJson } from "../tape/canonical-json.js";
import type { Sha256Fn, Sha256Hex } from "../tape/hash.js";
import type { SweepGrid } from "./sweep-grid.js";

/** Hexadecimal digits of a sweep id: 128 bits. */
const SWEEP_ID_DIGITS = 32;

/**
 * A sweep's id is its content: what decides its points, and nothing about when, where and on how many workers it runs. The metric that ranks
 * points is no part of it, since every point keeps all metrics.
 *
 * @param parts `config` is the canonical text of the resolved configuration with the parameters that are not swept.
 */
export function sweepId(
  parts: {
    readonly engine_build: Sha256Hex;
    readonly source_sha256: Sha256Hex;
    readonly config: string;
    readonly grid: SweepGrid;
    readonly content_hashes: boolean;
  },
  hash: Sha256Fn,
): string {
  const canonical = canonicalJson({
    axes: parts.grid.axes.map(({ name, values }) => ({ name, values })),
    content_hashes: parts.content_hashes,
  });
  if (!canonical.ok) throw new TypeError(`the grid has no canonical form: ${canonical.violations[0]?.message ?? ""}`);
  return hash(`onetape:sweep:v1\n${parts.engine_build}\n${parts.source_sha256}\n${parts.config}\n${canonical.text}`).slice(
    0,
    SWEEP_ID_DIGITS,
  );
}
