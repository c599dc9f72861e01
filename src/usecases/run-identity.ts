/** What names a run and what its tape begins with: both follow from content alone, so that a replay can make them again. */
import type { RunConfig, RunData } from "../core/engine/run-config.js";
import type { RunStarted } from "../core/engine/run-events.js";
import { runId, runLog } from "../core/engine/run-id.js";
import type { BarColumns, SessionRange } from "../core/market/bars.js";
import { canonicalJson } from "../core/tape/canonical-json.js";
import type { JsonObject } from "../core/tape/event.js";
import type { Sha256Fn } from "../core/tape/hash.js";
import type { RunManifest } from "../ports/run-store.js";

/** The first event of a run. `bars` are the columns and the sessions delivered of each instrument, in the order of `config.data`. */
export function runStartedOf(
  config: RunConfig,
  sourceSha256: string,
  bars: readonly { readonly columns: BarColumns; readonly sessions: readonly SessionRange[] }[],
  hash: Sha256Fn,
): RunStarted {
  const text = configText(config);
  return {
    strategy: { name: config.strategy.name, version: config.strategy.version, source_sha256: sourceSha256 },
    config: JSON.parse(text) as JsonObject,
    config_sha256: hash(text),
    instruments: config.instruments.map((instrument) => JSON.parse(configText(instrument)) as JsonObject),
    data: config.data.map((d, i) => ({
      symbol: d.symbol,
      column_set: d.column_set,
      ...quoteSets(d),
      timeframe: d.timeframe,
      price_mode: d.price_mode,
      rows: d.row_count,
      ...timesOf(bars[i]),
    })),
  };
}

/** Canonical text of a resolved config. @throws {TypeError} where it has none. */
export function configText(config: object): string {
  const canonical = canonicalJson(config);
  if (!canonical.ok) throw new TypeError(`the run's config has no canonical form: ${canonical.violations[0]?.message ?? ""}`);
  return canonical.text;
}

/** Says how a run's manifest contradicts what its tape begins with, or null. The run id binds build, strategy source, config and bars. */
export function identityFault(manifest: RunManifest, started: RunStarted, hash: Sha256Fn): string | null {
  const { source_sha256 } = started.strategy;
  const text = configText(started.config);
  if (manifest.strategy.source_sha256 !== source_sha256) return "the manifest names another strategy source than the tape";
  if (manifest.config_sha256 !== hash(text)) return "the manifest names another config than the tape";
  const id = runId({ engine_build: manifest.engine.build, source_sha256, config: text }, hash);
  if (manifest.run_id !== id) return `the run's content gives the id ${id}, the manifest says ${manifest.run_id}`;
  return manifest.tape.log === runLog(id) ? null : `the tape is named ${manifest.tape.log}, not ${runLog(id)}`;
}

/** The column sets of a run's quotes, where it has any. */
export function quoteSets({ bid_column_set, ask_column_set }: RunData): Pick<RunData, "bid_column_set" | "ask_column_set"> {
  return bid_column_set === undefined || ask_column_set === undefined ? {} : { bid_column_set, ask_column_set };
}

function timesOf(bars: { readonly columns: BarColumns; readonly sessions: readonly SessionRange[] } | undefined): {
  readonly first_ts: number;
  readonly last_ts: number;
} {
  const first = bars?.sessions[0];
  const last = bars?.sessions.at(-1);
  // No bar of this instrument lies inside the run's limits.
  if (bars === undefined || first === undefined || last === undefined) return { first_ts: 0, last_ts: 0 };
  const { ts } = bars.columns;
  return { first_ts: ts[first.first_row] as number, last_ts: ts[last.first_row + last.row_count - 1] as number };
}
