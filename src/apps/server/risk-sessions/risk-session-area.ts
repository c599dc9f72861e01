/** Risk sessions over HTTP: the library's sessions, and nothing that they do not do. */
import { PACE, type StreamPace } from "../event-stream.js";
import type { ServerApp, ServerArea } from "../server-area.js";
import { commandRoutes } from "./command-routes.js";
import { readRoutes } from "./read-routes.js";
import { type RiskSessions, SessionHost } from "./session-host.js";
import { COMMAND_PROBLEMS, SESSION_PROBLEMS } from "./session-problems.js";
import { SessionStreams, streamRoute } from "./stream-route.js";
import { RISK_SESSIONS } from "./tag.js";

/** @param sessions of the workspace. Whoever opened the workspace closes it, after the server. */
export function riskSessionArea(sessions: RiskSessions, pace: StreamPace = PACE): ServerArea {
  const host = new SessionHost(sessions);
  const streams = new SessionStreams(host, pace);
  return {
    tag: RISK_SESSIONS,
    says: "sessions that value portfolios and measure their risk, each on a log of its own",
    problems: [...Object.values(SESSION_PROBLEMS), ...COMMAND_PROBLEMS],
    register(app: ServerApp): void {
      commandRoutes(app, host);
      readRoutes(app, host);
      streamRoute(app, host, streams);
    },
    drain: () => streams.stop(),
    close: () => host.close(),
  };
}
