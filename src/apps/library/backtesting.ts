import { FileArtifactWriter } from "../../adapters/artifacts/file-artifact-writer.js";
import { yamlConfigSource } from "../../adapters/config/load-backtest-config.js";
import { WorkerEngineHost } from "../../adapters/engine-host/worker-engine-host.js";
import { sha256, sha256Bytes } from "../../adapters/node-hash/sha256.js";
import { FileRunStore } from "../../adapters/run-store/file-run-store.js";
import { esbuildStrategySource } from "../../adapters/strategy-loader/esbuild-strategy-source.js";
import type { BarLibrary } from "../../ports/bar-library.js";
import type { BacktestPorts } from "../../usecases/backtest-ports.js";
import { removeOrphans } from "../../usecases/workspace.js";
import { engineBuild, engineWorkerEntry } from "./installation.js";
import { runTapes } from "./run-tapes.js";

/** Ports of this machine's backtests. `close` ends the engine's thread and releases what was loaded. */
export function backtestPorts(home: string, bars: BarLibrary): BacktestPorts & { close(): Promise<void> } {
  const host = new WorkerEngineHost(engineWorkerEntry());
  return {
    configs: yamlConfigSource,
    strategies: esbuildStrategySource,
    bars,
    runs: new FileRunStore(home, (tmp) => removeOrphans(tmp, "run")),
    host,
    artifacts: new FileArtifactWriter(),
    tapes: runTapes,
    hash: sha256,
    hashBytes: sha256Bytes,
    now: Date.now,
    engine: engineBuild(),
    close: () => host.close(),
  };
}
