/** A thread that proves parts of a log: hashes again what others have read. */
import { parentPort } from "node:worker_threads";
import type { ChainAnswer, ChainWork } from "../../adapters/chain-threads/chain-messages.js";
import { isoTime } from "../../adapters/event-store/iso-time.js";
import { sha256, sha256Bytes } from "../../adapters/node-hash/sha256.js";
import { unpacked } from "../../adapters/sqlite/packed-events.js";
import { PartProver } from "../../core/tape/chain-part.js";

const port = parentPort;
if (port === null) throw new Error("this file is started as a thread, by whoever verifies a log");

let prover: PartProver | null = null;
port.on("message", (work: ChainWork) => {
  port.postMessage(answerTo(work));
});

function answerTo(work: ChainWork): ChainAnswer {
  if (work.kind === "part") {
    prover = new PartProver(work.part, sha256, isoTime);
    return true;
  }
  if (work.kind === "end") return prover?.proof() ?? null;
  const events = unpacked(work.events, { sha256, sha256Bytes });
  if (events !== null && prover?.take(events) === true) return true;
  prover = null;
  return false;
}
