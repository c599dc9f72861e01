import { openOnetape } from "../../library/onetape.js";
import { riskSessionArea } from "../../server/risk-sessions/risk-session-area.js";
import { API_PREFIX, type RunningServer, startServer } from "../../server/start-server.js";
import { readToken, TOKEN_VARIABLE } from "../../server/token-file.js";
import type { CommandResult, Invocation } from "../command.js";
import { failure } from "../failure.js";
import { programVersion } from "../version.js";

const HOST = "127.0.0.1";
const PORT = 4173;

export async function run({ flags, io, settings, signal }: Invocation): Promise<CommandResult> {
  const file = flags.text("token-file");
  const token = await readToken(file, process.env);
  if (token.kind === "refused") return { kind: "failed", failure: failure("SETTINGS_INVALID", token.violations, "onetape serve --help") };
  if (token.warning !== null) io.warn(token.warning);
  const dry = flags.on("dry-run");
  const workspace = openOnetape({ home: settings.home, store: settings.store });
  try {
    const server = await startServer({
      host: flags.text("host") ?? HOST,
      port: flags.number("port") ?? PORT,
      token: token.token,
      areas: [riskSessionArea(workspace.riskSessions)],
      version: programVersion(),
      accessLog: flags.on("access-log") && !dry ? (line) => io.warn(line) : null,
      onBug: (error, id) => io.warn(`request ${id}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`),
      now: Date.now,
    });
    if (server.kind === "refused") {
      const taken = server.violations.some(({ code }) => code === "EADDRINUSE");
      const next = taken ? "onetape serve --port 0" : "onetape serve --help";
      return { kind: "failed", failure: failure("SETTINGS_INVALID", server.violations, next) };
    }
    const told = {
      schema: "onetape.serve/1",
      status: dry ? "checked" : "listening",
      url: `${server.url}${API_PREFIX}`,
      token: token.token !== null,
      workspace: workspace.home,
      store: settings.store,
    };
    const lines = startLines(server, told, io.out.bold);
    if (dry) {
      await server.close();
      return { kind: "done", json: told, human: () => lines };
    }
    await io.write(io.json ? `${JSON.stringify(told)}\n` : lines);
    await untilAborted(signal);
    await server.close();
    io.note("stopped: every answer was sent, and what was answered is on the logs");
    return { kind: "streamed" };
  } finally {
    await workspace.close();
  }
}

function startLines(
  { url }: RunningServer,
  {
    status,
    token,
    workspace,
    store,
  }: { readonly status: string; readonly token: boolean; readonly workspace: string; readonly store: string },
  bold: (text: string) => string,
): string {
  const who = token ? "whoever sends the token" : `any program of this machine (${TOKEN_VARIABLE} or --token-file sets a token)`;
  const rows = [
    [status === "checked" ? "would listen" : "listening", bold(`${url}${API_PREFIX}`)],
    ["routes", `${url}${API_PREFIX}/openapi.json`],
    ["answers", who],
    ["workspace", `${workspace}, logs in ${store}`],
    ...(status === "checked" ? [] : [["stop", "Ctrl-C"]]),
  ];
  return rows.map(([name = "", value = ""]) => `${name.padEnd(13)} ${value}\n`).join("");
}

function untilAborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
}
