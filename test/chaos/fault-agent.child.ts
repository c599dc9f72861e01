/** Opens a log and appends to it as it is told, line by line, in a process that may be killed and whose disk may fail. */
import { closeSync, fsyncSync, openSync, writeSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { sha256, sha256Bytes } from "../../src/adapters/node-hash/sha256.js";
import { logFilesIn } from "../../src/adapters/sqlite/log-files.js";
import { SqliteEventStore } from "../../src/adapters/sqlite/sqlite-event-store.js";
import type { LogSession } from "../../src/ports/event-store.js";
import type { AgentAnswer, AgentRequest } from "../support/fault-agent.js";
import { postgresStore } from "../support/postgres-store.js";
import { ledgerCatalogue, MONDAY, readAll } from "../support/tape-fixture.js";

const [folder = ""] = process.argv.slice(2);
const dsn = process.env["POSTGRES_DSN"];
const now = (): number => MONDAY;
const store =
  dsn === undefined
    ? new SqliteEventStore({ files: logFilesIn(join(folder, "store")), sha256, sha256Bytes, now })
    : postgresStore(dsn, { now });

// What was acknowledged is written down, flushed, before it is told to anybody.
const notes = openSync(join(folder, "agent.notes"), "a");
function note(line: object): void {
  writeSync(notes, `${JSON.stringify(line)}\n`);
  fsyncSync(notes);
}

let session: LogSession | null = null;

async function answer(request: AgentRequest): Promise<AgentAnswer> {
  if (request.do === "open") {
    const { layout = "rows", durability = "durable", mode = "write", log = "run/one" } = request;
    const outcome = await store.open({ log, catalogue: ledgerCatalogue, mode, layout, durability });
    if (outcome.kind !== "opened") return { kind: "refused", outcome };
    session = outcome.session;
    return { kind: "opened", epoch: session.epoch, position: session.head().position };
  }
  if (session === null) throw new Error("no log is open");
  switch (request.do) {
    case "append": {
      note({ intent: request.batches });
      const outcome = await session.append(request.batches);
      if (outcome.kind === "stored") {
        note({ stored: outcome.positions, ids: request.batches.flatMap(({ events }) => events.map(({ id }) => id)) });
      }
      return { kind: "appended", outcome };
    }
    case "verify":
      return { kind: "verified", failure: (await session.verify("L2")).failure };
    case "read":
      return { kind: "read", ids: (await readAll(session)).map(({ id }) => id) };
    case "close":
      await session.close();
      await store.close();
      closeSync(notes);
      return { kind: "closed" };
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  let told: AgentAnswer;
  try {
    told = await answer(JSON.parse(line) as AgentRequest);
  } catch (error) {
    told = { kind: "threw", message: error instanceof Error ? error.message : String(error) };
  }
  process.stdout.write(`${JSON.stringify(told)}\n`);
}
