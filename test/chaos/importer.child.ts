/** Imports one file into a workspace: killed from outside at a random moment. */
import { sha256, sha256Bytes } from "../../src/adapters/node-hash/sha256.js";
import { logFilesIn } from "../../src/adapters/sqlite/log-files.js";
import { SqliteEventStore } from "../../src/adapters/sqlite/sqlite-event-store.js";
import { composeDataPorts } from "../../src/apps/library/data-ports.js";
import { importBars } from "../../src/usecases/import-bars.js";
import { workspacePaths } from "../../src/usecases/workspace.js";

const [home = "", file = "", symbol = ""] = process.argv.slice(2);
const store = new SqliteEventStore({ files: logFilesIn(workspacePaths(home).store), sha256, sha256Bytes, now: Date.now });
const ports = composeDataPorts(home, store, Date.now);
process.stdout.write("started\n");
const outcome = await importBars(ports, { files: { bars: [file] }, symbol, timeframe: "1m", stamp: "close", price_mode: "raw" }, "/");
await store.close();
process.stdout.write(`${outcome.kind}\n`);
