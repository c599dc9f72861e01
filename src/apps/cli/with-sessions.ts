import type { EventStore } from "../../ports/event-store.js";
import type { SessionInputs } from "../../ports/session-inputs.js";
import type { BacktestPorts } from "../../usecases/backtest-ports.js";
import type { WorkspaceChoice } from "../library/event-stores.js";
import { sessionInputs, sessionTapes } from "../library/paper-sessions.js";
import { withBacktestPorts } from "./compose-backtest.js";

/** What looking at stored sessions, and running them again, takes. */
export interface StoredSessions {
  readonly sessions: EventStore;
  readonly inputs: SessionInputs;
}

/** Gives work this machine's ports of runs and those of stored sessions, and releases them afterwards. */
export function withSessions<T>(workspace: WorkspaceChoice, work: (ports: BacktestPorts & StoredSessions) => Promise<T>): Promise<T> {
  return withBacktestPorts(workspace, async (ports) => {
    const sessions = sessionTapes(workspace);
    try {
      return await work({ ...ports, sessions, inputs: sessionInputs(workspace) });
    } finally {
      await sessions.close();
    }
  });
}
