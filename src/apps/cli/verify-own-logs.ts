import { riskCatalogue } from "../../core/gate/risk-event-schemas.js";
import { CATALOGUE_LOG, dataCatalogue } from "../../core/market/catalogue-events.js";
import { QUALITY_LOG, qualityCatalogue } from "../../core/quality/sla-events.js";
import type { EventCatalogue } from "../../core/tape/catalogue.js";
import type { EventStore } from "../../ports/event-store.js";
import { RISK_LOG } from "../../usecases/kill-switch-log.js";
import type { RunVerification } from "../../usecases/verify-runs.js";
import { dataPorts } from "../library/data-ports.js";
import type { WorkspaceChoice } from "../library/event-stores.js";

/** What checking a log of the workspace's own came to. */
export type LogVerification = Omit<RunVerification, "run_id"> & { readonly run_id: string | null };

/** Checks the logs that a workspace keeps beside its runs: which bars it has, what its kill switches went through, how good its bars were. Those that are there. */
export async function verifyOwnLogs(workspace: WorkspaceChoice, level: "L1" | "L2"): Promise<readonly LogVerification[]> {
  const { store } = dataPorts(workspace);
  try {
    const found = [
      await verifyLog(store, CATALOGUE_LOG, dataCatalogue, level),
      await verifyLog(store, RISK_LOG, riskCatalogue, level),
      await verifyLog(store, QUALITY_LOG, qualityCatalogue, level),
    ];
    return found.filter((log) => log !== null);
  } finally {
    await store.close();
  }
}

async function verifyLog(store: EventStore, log: string, catalogue: EventCatalogue, level: "L1" | "L2"): Promise<LogVerification | null> {
  const base = { name: log, run_id: null, level, files: [], contradictions: [], unchecked: [] };
  const opened = await store.open({ log, catalogue, mode: "read" });
  if (opened.kind === "not_found") return null;
  if (opened.kind !== "opened") {
    const why = "cause" in opened ? opened.cause : opened.kind;
    return { ...base, verified: false, events: 0, failure: null, checked: [], message: `the log cannot be opened: ${why}` };
  }
  const { failure, events } = await opened.session.verify(level);
  const checked = level === "L1" ? (["chain"] as const) : (["chain", "payloads"] as const);
  const message = failure === null ? `checked ${checked.join(", ")}` : `first bad position ${failure.position}: ${failure.message}`;
  return { ...base, verified: failure === null, events, failure, checked, message };
}
