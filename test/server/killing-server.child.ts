/** A server on a SQLite store that kills itself, as `kill -9` would, right after a command became durable and before its answer. */
import { sha256, sha256Bytes } from "../../src/adapters/node-hash/sha256.js";
import { logFilesIn } from "../../src/adapters/sqlite/log-files.js";
import { SqliteEventStore } from "../../src/adapters/sqlite/sqlite-event-store.js";
import { riskSessionArea } from "../../src/apps/server/risk-sessions/risk-session-area.js";
import { startServer } from "../../src/apps/server/start-server.js";
import type { EventStore, LogSession } from "../../src/ports/event-store.js";
import { sessionsOn } from "../support/http-server.js";

const [folder = "", dies = "0"] = process.argv.slice(2);
let left = Number(dies);

const sqlite = new SqliteEventStore({ files: logFilesIn(folder), sha256, sha256Bytes, now: () => 0 });
const store: EventStore = {
  logs: () => sqlite.logs(),
  close: () => sqlite.close(),
  async open(options) {
    const opened = await sqlite.open(options);
    return opened.kind === "opened" && options.mode === "write" ? { kind: "opened", session: mortal(opened.session) } : opened;
  },
};

function mortal(session: LogSession): LogSession {
  return new Proxy(session, {
    get(target, name) {
      if (name !== "append") {
        const member: unknown = Reflect.get(target, name, target);
        return typeof member === "function" ? member.bind(target) : member;
      }
      return async (batches: Parameters<LogSession["append"]>[0]) => {
        const outcome = await target.append(batches);
        left -= 1;
        if (left === 0) process.kill(process.pid, "SIGKILL");
        return outcome;
      };
    },
  });
}

const server = await startServer({
  host: "127.0.0.1",
  port: 0,
  token: null,
  areas: [riskSessionArea(sessionsOn(store))],
  version: "0",
  accessLog: null,
  onBug: (error) => process.stderr.write(`${String(error)}\n`),
  now: () => 0,
});
if (server.kind === "refused") throw new Error(JSON.stringify(server.violations));
process.stdout.write(`${server.url}/api/v2\n`);
