import { availableParallelism } from "node:os";
import { WorkerChainThreads } from "../../adapters/chain-threads/worker-chain-threads.js";
import { sha256, sha256Bytes } from "../../adapters/node-hash/sha256.js";
import { verifyWorkerEntry } from "./installation.js";

/** More would wait for the one that reads. */
const MOST_OTHERS = 5;

/** Threads that verify long logs: one for each processor; none where there is only one. */
export const chainThreads: WorkerChainThreads | undefined =
  availableParallelism() > 1
    ? new WorkerChainThreads({ entry: verifyWorkerEntry, threads: Math.min(availableParallelism() - 1, MOST_OTHERS), sha256, sha256Bytes })
    : undefined;
