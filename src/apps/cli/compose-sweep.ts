import type { EventStore } from "../../ports/event-store.js";
import type { SweepPorts } from "../../usecases/sweep-ports.js";
import type { WorkspaceChoice } from "../library/event-stores.js";
import { sweepPorts } from "../library/sweeping.js";
import { withBacktestPorts } from "./compose-backtest.js";

/** Gives work the ports of this machine's sweeps, and releases them afterwards. */
export function withSweepPorts<T>(workspace: WorkspaceChoice, work: (ports: SweepPorts, store: EventStore) => Promise<T>): Promise<T> {
  return withBacktestPorts(workspace, (ports, store) => work(sweepPorts(workspace.home, ports), store));
}
