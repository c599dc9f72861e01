import type { DataPorts, DataProgress, DataRefusal } from "../../usecases/data-ports.js";
import { dataPorts } from "../library/data-ports.js";
import type { CommandResult, Invocation } from "./command.js";
import { refused } from "./data-refusal.js";

interface DataRun {
  readonly signal: AbortSignal;
  readonly onProgress: (progress: DataProgress) => void;
}

/** Runs a use case over the workspace's data, shows its progress, and tells a refusal. */
export async function withData<T extends { readonly kind: string }>(
  { io, settings, signal }: Invocation,
  label: string,
  work: (ports: DataPorts, run: DataRun) => Promise<T | DataRefusal>,
  tell: (done: T) => CommandResult,
): Promise<CommandResult> {
  const ports = dataPorts(settings);
  const progress = io.progress(label, "bytes");
  const onProgress = ({ done_bytes, total_bytes }: DataProgress): void =>
    progress.update({ done: done_bytes, total: total_bytes, at: null });
  try {
    const outcome = await work(ports, { signal, onProgress });
    progress.end();
    return isRefusal(outcome) ? { kind: "failed", failure: refused(outcome) } : tell(outcome);
  } finally {
    progress.end();
    await ports.store.close();
  }
}

function isRefusal(outcome: { readonly kind: string } | DataRefusal): outcome is DataRefusal {
  return outcome.kind === "refused";
}
