/** Runs a paper session and kills itself, as `kill -9` would, where the commit that holds a given event is made: before it, or right after it. */
import { withPaperPorts } from "../../src/apps/library/paper-sessions.js";
import { openWorkspacePorts } from "../../src/apps/library/workspace.js";
import type { EventStore, LogSession } from "../../src/ports/event-store.js";
import { overlaid } from "../../src/usecases/overlaid.js";
import { runPaperSession } from "../../src/usecases/paper-session.js";

const [home = "", configPath = "", session = "", event = "0", moment = "never"] = process.argv.slice(2);
const fatal = Number(event);

function mortal(own: LogSession): LogSession {
  const appendBlock: LogSession["appendBlock"] = async (block) => {
    const holds = block.first_position <= fatal && fatal < block.first_position + block.count;
    if (holds && moment === "before") process.kill(process.pid, "SIGKILL");
    const outcome = await own.appendBlock(block);
    if (holds && moment === "after") process.kill(process.pid, "SIGKILL");
    return outcome;
  };
  return overlaid(own, { appendBlock });
}

function mortalStore(own: EventStore): EventStore {
  const open: EventStore["open"] = async (options) => {
    const opened = await own.open(options);
    return opened.kind === "opened" ? { kind: "opened", session: mortal(opened.session) } : opened;
  };
  return overlaid(own, { open });
}

const workspace = { home, store: "sqlite" } as const;
const opened = openWorkspacePorts(workspace);
try {
  const outcome = await withPaperPorts(opened, workspace, { speed: null, note: () => {} }, (ports) =>
    runPaperSession({ ...ports, sessions: mortalStore(ports.sessions) }, { configPath, session, signal: new AbortController().signal }),
  );
  process.stdout.write(JSON.stringify(outcome));
} finally {
  await opened.close();
}
