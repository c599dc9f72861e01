import type { Sha256BytesFn, Sha256Fn } from "../core/tape/hash.js";
import type { ArtifactWriter } from "../ports/artifact-writer.js";
import type { BarLibrary } from "../ports/bar-library.js";
import type { ConfigSource } from "../ports/config-source.js";
import type { EngineBuild } from "../ports/engine-build.js";
import type { EngineHost } from "../ports/engine-host.js";
import type { EventStore } from "../ports/event-store.js";
import type { RunStore } from "../ports/run-store.js";
import type { StrategySource } from "../ports/strategy-source.js";

/** The world that backtests and their replays need. */
export interface BacktestPorts {
  readonly configs: ConfigSource;
  readonly strategies: StrategySource;
  readonly bars: BarLibrary;
  readonly runs: RunStore;
  readonly host: EngineHost;
  readonly artifacts: ArtifactWriter;
  /** The store that holds a run's tape, inside the run's folder. */
  readonly tapes: (runDir: string) => EventStore;
  readonly hash: Sha256Fn;
  readonly hashBytes: Sha256BytesFn;
  /** Wall clock in UTC milliseconds, for provenance only. */
  readonly now: () => number;
  readonly engine: EngineBuild;
}
