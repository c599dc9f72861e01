import { join, resolve } from "node:path";
import { systemClock } from "../../../adapters/clock/system-clock.js";
import type { StoreKind } from "../../../adapters/config/workspace-settings.js";
import { ndjsonLogFiles } from "../../../adapters/log-file/ndjson-log-files.js";
import { sha256 } from "../../../adapters/node-hash/sha256.js";
import { durationText } from "../../../adapters/terminal/duration.js";
import { renderTable } from "../../../adapters/terminal/table.js";
import { grouped } from "../../../core/numeric/grouped.js";
import { type DrillOutcome, drillRestore } from "../../../usecases/drill-restore.js";
import { withScratch, workspacePaths } from "../../../usecases/workspace.js";
import { withScratchStores } from "../../library/scratch-stores.js";
import type { CommandResult, Invocation } from "../command.js";
import { type Failure, failure, failureOf } from "../failure.js";
import { withLogStores } from "../with-logs.js";

type Drilled = Extract<DrillOutcome, { readonly kind: "drilled" }>;

export function run(invocation: Invocation): Promise<CommandResult> {
  const { args, flags, io, settings, signal } = invocation;
  const [word] = args;
  const backup = word === undefined ? null : resolve(word);
  const kind = flags.text("into") === "sqlite" ? "sqlite" : flags.text("into") === "postgres" ? "postgres" : settings.store;
  return withLogStores(invocation, (live) =>
    withScratch(workspacePaths(settings.home).tmp, "drill", (folder) =>
      withScratchStores({ kind, folder, environment: process.env }, async (scratch) => {
        const progress = io.progress("drill", "events");
        const outcome = await drillRestore({
          live,
          scratch,
          backup,
          folder: join(folder, "backup"),
          files: ndjsonLogFiles,
          hash: sha256,
          clock: systemClock,
          elapsed: () => performance.now(),
          onProgress: (step, log, done, total) =>
            progress.update({ done, total, at: null, phase: { label: `${step} ${log}`, unit: "events" } }),
          signal,
        }).finally(() => progress.end());
        return told(outcome, kind, io);
      }),
    ),
  );
}

function told(outcome: DrillOutcome, into: StoreKind, io: Invocation["io"]): CommandResult {
  switch (outcome.kind) {
    case "aborted":
      return { kind: "aborted", kept: "stopped: nothing was changed", json: { schema: "onetape.drill-restore/1", drilled: false } };
    case "failed": {
      const message = `the drill failed at ${outcome.step}: ${outcome.cause}`;
      return { kind: "failed", failure: failureOf("VERIFICATION_FAILED", message, "onetape store verify") };
    }
    case "drilled": {
      const { kind: _, ...rest } = outcome;
      const problem = problemOf(outcome);
      return {
        kind: "done",
        json: { schema: "onetape.drill-restore/1", drilled: true, into, ...rest },
        human: () => inWords(outcome, into, io),
        ...(problem === null ? {} : { problem }),
      };
    }
  }
}

function problemOf({ logs, targets, recovery_ms, missing_ms }: Drilled): Failure | null {
  const bad = logs.filter(({ fault }) => fault !== null);
  if (bad.length > 0) {
    const details = bad.map(({ log, fault }) => ({ code: "VERIFICATION_FAILED", message: `${log}: ${fault}`, field: log }));
    return failure("VERIFICATION_FAILED", details, "onetape store verify");
  }
  const missed = targets.flatMap(({ scenario, rto_met, rpo_met, rto_minutes, rpo_minutes }) => [
    ...(rto_met ? [] : [missedTarget(scenario, "RTO", recovery_ms, rto_minutes)]),
    ...(rpo_met ? [] : [missedTarget(scenario, "RPO", missing_ms, rpo_minutes)]),
  ]);
  return missed.length === 0 ? null : failure("CHECKS_FAILED", missed, "onetape store backup FOLDER");
}

function missedTarget(scenario: string, which: string, ms: number, minutes: number): { code: string; message: string; field: string } {
  return { code: `${which}_MISSED`, message: `${scenario}: ${which} ${durationText(ms)}, the target is ${minutes} min`, field: scenario };
}

async function inWords(
  { logs, times, recovery_ms, missing_ms, targets }: Drilled,
  into: StoreKind,
  { out }: Invocation["io"],
): Promise<string> {
  const count = { numeric: true } as const;
  const restored = await renderTable(
    [
      { title: "log" },
      { title: "restored", ...count },
      { title: "workspace", ...count },
      { title: "missing", ...count },
      { title: "head" },
      { title: "projections", ...count },
      { title: "" },
    ],
    logs.map(({ log, position, live_position, missing_events, head_hash, projections, fault }) => [
      log,
      grouped(position),
      grouped(live_position),
      grouped(missing_events),
      head_hash.slice(0, 12),
      grouped(projections.length),
      fault === null ? out.good("the same") : out.bad(fault),
    ]),
    out,
  );
  const place = into === "postgres" ? "a schema of its own in PostgreSQL, removed again" : "files of its own, removed again";
  const steps = Object.entries(times).map(([step, ms]) => `${step} ${durationText(ms)}`);
  const mark = (met: boolean): string => (met ? out.good("met") : out.bad("MISSED"));
  const against = await renderTable(
    [
      { title: "scenario" },
      { title: "RTO", ...count },
      { title: "actual", ...count },
      { title: "" },
      { title: "RPO", ...count },
      { title: "actual", ...count },
      { title: "" },
    ],
    targets.map(({ scenario, rto_minutes, rpo_minutes, rto_met, rpo_met }) => [
      scenario,
      `${rto_minutes} min`,
      durationText(recovery_ms),
      mark(rto_met),
      `${rpo_minutes} min`,
      durationText(missing_ms),
      mark(rpo_met),
    ]),
    out,
  );
  return `restored into ${place}\n\n${restored}\n${steps.join(", ")}\n\n${against}`;
}
