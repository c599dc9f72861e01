import { CATALOGUE_LOG, dataCatalogue } from "../../core/market/catalogue-events.js";
import type { RunVerification } from "../../usecases/verify-runs.js";
import { dataPorts } from "../library/data-ports.js";

/** What checking the log of the data catalogue came to. */
export type LogVerification = Omit<RunVerification, "run_id"> & { readonly run_id: string | null };

/** Checks the log that says which bars a workspace has; null where there is none yet. */
export async function verifyCatalogue(home: string, level: "L1" | "L2"): Promise<LogVerification | null> {
  const { store } = dataPorts(home);
  const base = { name: CATALOGUE_LOG, run_id: null, level, files: [], contradictions: [], unchecked: [] };
  try {
    const opened = await store.open({ log: CATALOGUE_LOG, catalogue: dataCatalogue, mode: "read" });
    if (opened.kind === "not_found") return null;
    if (opened.kind !== "opened") {
      const why = "cause" in opened ? opened.cause : opened.kind;
      return { ...base, verified: false, events: 0, failure: null, checked: [], message: `the log cannot be opened: ${why}` };
    }
    const { failure, events } = await opened.session.verify(level);
    const checked = level === "L1" ? (["chain"] as const) : (["chain", "payloads"] as const);
    const message = failure === null ? `checked ${checked.join(", ")}` : `first bad position ${failure.position}: ${failure.message}`;
    return { ...base, verified: failure === null, events, failure, checked, message };
  } finally {
    await store.close();
  }
}
