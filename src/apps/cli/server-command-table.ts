import type { CommandSpec } from "./command.js";

/** The commands that serve others. */
export const serverCommands: readonly CommandSpec[] = [
  {
    path: ["serve"],
    summary: "serve the workspace over HTTP: risk sessions under /api/v2",
    details: [
      "Listens on this machine alone unless --host names another address, which takes a token: a file with one line for --token-file, or ONETAPE_SERVER_TOKEN. Clients send it as Authorization: Bearer TOKEN.",
      "Runs until Ctrl-C or SIGTERM: then it takes no more requests, answers those under way, ends event streams, which go on from their last id once it is back, and closes its logs. What was answered is durable; a command whose answer was lost is sent again under the same idempotency key.",
      "The description of all routes is at /api/v2/openapi.json.",
    ],
    arguments: [],
    flags: ["host", "port", "token-file", "access-log", "dry-run"],
    examples: [
      { line: "onetape serve --dry-run", says: "where it would listen and who could ask; takes the port for a moment" },
      { line: "onetape serve", says: "http://127.0.0.1:4173/api/v2, for programs of this machine" },
      { line: "onetape serve --port 0 --access-log", says: "any free port, and a line of JSON on stderr for each answer" },
    ],
    load: () => import("./commands/serve.js"),
  },
];
