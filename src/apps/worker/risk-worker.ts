/** A thread that measures books: keeps their columns, and does its share of each pass over them. */
import { parentPort, workerData } from "node:worker_threads";
import { type BookAnswer, type BookThreadStart, type BookWork, doShare } from "../../adapters/book-threads/book-work.js";

const port = parentPort;
if (port === null) throw new Error("this file is started as a thread, by whoever measures books");
const say = (answer: BookAnswer): void => port.postMessage(answer);

// Written by the adapter that starts this thread.
const start = workerData as BookThreadStart;
port.on("message", (work: BookWork) => {
  doShare(start, work);
  say("done");
});
say("ready");
