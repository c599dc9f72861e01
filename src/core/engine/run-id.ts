import type { Sha256Fn, Sha256Hex } from "../tape/hash.js";

/** Hexadecimal digits of a run id: 128 bits. */
const RUN_ID_DIGITS = 32;

/**
 * A run's id is its content: what decided its outcome, and nothing about where, when or by whom it was run.
 *
 * @param parts `config` is the canonical text of the resolved configuration, which names the column set of every input.
 */
export function runId(
  parts: { readonly engine_build: Sha256Hex; readonly source_sha256: Sha256Hex; readonly config: string },
  hash: Sha256Fn,
): string {
  return hash(`onetape:run:v1\n${parts.engine_build}\n${parts.source_sha256}\n${parts.config}`).slice(0, RUN_ID_DIGITS);
}

/** The name of a run's log. */
export function runLog(id: string): string {
  return `run/${id}`;
}
