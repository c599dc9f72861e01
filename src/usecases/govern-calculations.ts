/** Decisions of people about calculations, each an event: versions, captures, anomalies, certification. */
import type { CalcEvent } from "../core/calc/calc-events.js";
import type { CalcRegistry } from "../core/calc/calc-registry.js";
import type { CalcEntry } from "../core/calc/calculation.js";
import { FINRA_OTC } from "../core/calc/finra-otc/tiers.js";
import { type ReadinessOptions, weekReadiness } from "../core/calc/finra-otc/week-readiness.js";
import { weeksUpTo } from "../core/calc/finra-otc/weeks.js";
import type { ReadinessUse } from "../core/calc/readiness.js";
import { moveViolations, type VersionRequest, type VersionStanding } from "../core/calc/version-lifecycle.js";
import type { Violation } from "../core/quality/violation.js";
import type { CalcLog, CalcPorts, CalcRefusal } from "./calc-log.js";
import { refusal } from "./data-ports.js";
import { unknownCapture } from "./normalise-week.js";

/** Puts every declared version on the log that is not there yet. @returns how many were new. */
export async function registerVersions(ports: CalcPorts, log: CalcLog, registry: CalcRegistry<CalcEntry>): Promise<number> {
  const events = await log.append((index) =>
    registry.entries.flatMap((entry) =>
      entry.versions
        .filter((version) => !index.isRegistered(entry.calc_name, version))
        .map((version): CalcEvent => {
          const payload = { calc_name: entry.calc_name, calc_version: version, by: "onetape", reason: "declared in the registry" };
          return { type: "calc_version.registered", occurred_at: ports.now(), payload };
        }),
    ),
  );
  return events.length;
}

/** Moves a version through its life; a deletion also removes its rows. @throws {CalcLogUnavailable} */
export async function moveCalcVersion(
  ports: CalcPorts,
  log: CalcLog,
  registry: CalcRegistry<CalcEntry>,
  request: VersionRequest,
): Promise<{ readonly kind: "moved"; readonly standing: VersionStanding } | CalcRefusal> {
  const found = registry.get(request.calc_name);
  if (found.kind === "unknown") return refusal("not_found", [found.violation], "onetape calc list");
  const entry = found.value;
  let violations: readonly Violation[] = [];
  await log.append((index) => {
    violations = moveViolations(entry, index.standing(entry), request);
    return violations.length > 0 ? [] : [moveEvent(request, ports.now())];
  });
  if (violations.length > 0) return refusal("invalid", violations, `onetape calc describe ${entry.calc_name}`);
  if (request.move === "delete") await ports.rows.removeVersion(request.calc_name, request.calc_version);
  await ports.rows.setCurrent(currentVersions(log, registry));
  return { kind: "moved", standing: log.index.standing(entry) };
}

/** The version of each calculation that readers get who name none. */
export function currentVersions(log: CalcLog, registry: CalcRegistry<CalcEntry>): ReadonlyMap<string, string> {
  return new Map(registry.entries.map((entry) => [entry.calc_name, log.index.standing(entry).current]));
}

function moveEvent({ calc_name, calc_version, move, by, reason, checklist }: VersionRequest, at: number): CalcEvent {
  const payload = { calc_name, calc_version, by, reason };
  if (move === "delete") {
    if (checklist === undefined) throw new Error("a deletion without its checklist was not refused");
    return { type: "calc_version.deleted", occurred_at: at, payload: { ...payload, checklist: { ...checklist } } };
  }
  const type = { activate: "calc_version.activated", deprecate: "calc_version.deprecated", sunset: "calc_version.sunset" } as const;
  return { type: type[move], occurred_at: at, payload };
}

function whoAndWhy(by: string, text: string, field: string): readonly Violation[] {
  const found: Violation[] = [];
  if (by.trim() === "") found.push({ code: "WHO_MISSING", message: "nobody is named who asks for it", field: "by", expected: "--by ID" });
  if (text.trim() === "") found.push({ code: "REASON_MISSING", message: `no ${field} is given`, field, expected: `--${field} TEXT` });
  return found;
}

/** Takes a capture back: its rows go, the fact that it was there and everything that was said of it stays. @throws {CalcLogUnavailable} */
export async function retractCapture(
  ports: CalcPorts,
  log: CalcLog,
  captureId: string,
  decision: { readonly by: string; readonly reason: string },
): Promise<{ readonly kind: "retracted"; readonly rows_removed: number } | CalcRefusal> {
  const faults = whoAndWhy(decision.by, decision.reason, "reason");
  if (faults.length > 0) return refusal("invalid", faults);
  const capture = log.index.capture(captureId);
  if (capture === null || capture.retracted) return unknownCapture(captureId);
  await log.append(() => [{ type: "source.retracted", occurred_at: ports.now(), payload: { capture_id: captureId, ...decision } }]);
  const touched = log.index.results
    .map((result) => result.capture_id)
    .filter((id) => log.index.captureSet(id)?.members.includes(captureId) === true);
  let rows_removed = 0;
  for (const id of new Set([captureId, ...touched])) rows_removed += await ports.rows.removeCapture(id);
  return { kind: "retracted", rows_removed };
}

/** Resolves an anomaly with a note. It stays where it is. @throws {CalcLogUnavailable} */
export async function resolveAnomaly(
  ports: Pick<CalcPorts, "now">,
  log: CalcLog,
  anomalyId: string,
  decision: { readonly by: string; readonly note: string },
): Promise<{ readonly kind: "resolved" } | CalcRefusal> {
  const faults = whoAndWhy(decision.by, decision.note, "note");
  if (faults.length > 0) return refusal("invalid", faults);
  const anomaly = log.index.anomaly(anomalyId);
  if (anomaly === null || anomaly.resolution !== null) {
    const state = anomaly === null ? "there is no anomaly" : "somebody resolved already";
    return refusal("not_found", [
      { code: "UNKNOWN_ANOMALY", message: `${state} ${anomalyId}`, field: "anomaly_id", value: anomalyId, expected: "an open anomaly" },
    ]);
  }
  await log.append(() => [{ type: "anomaly.resolved", occurred_at: ports.now(), payload: { anomaly_id: anomalyId, ...decision } }]);
  return { kind: "resolved" };
}

/** Certifies a week for every use that its readiness allows. Refused where it allows none. @throws {CalcLogUnavailable} */
export async function certifyWeek(
  ports: CalcPorts,
  log: CalcLog,
  options: ReadinessOptions & { readonly by: string },
): Promise<{ readonly kind: "certified"; readonly ready_for: readonly ReadinessUse[] } | CalcRefusal> {
  if (options.by.trim() === "") return refusal("invalid", whoAndWhy(options.by, "certified", "reason"));
  const now = ports.now();
  const readiness = weekReadiness(log.index, options, now);
  const ready_for = (["trading", "compliance", "research"] as const).filter((use) => readiness.ready_for[use]);
  if (ready_for.length === 0) {
    return refusal(
      "invalid",
      readiness.blocking_issues.map((message) => ({
        code: "NOT_READY",
        message,
        field: "week_ending",
        value: options.week_ending,
        expected: "a week that is fit for some use",
      })),
    );
  }
  const { week_ending, by } = options;
  await log.append(() => [
    {
      type: "partition.certified",
      occurred_at: now,
      payload: { domain: FINRA_OTC, week_ending, ready_for, captures: readiness.captures, by },
    },
  ]);
  return { kind: "certified", ready_for };
}

/** The weeks before one, for a look-back: at most twelve unless forced. */
export function lookBack(
  last: string,
  weeks: number,
  force: boolean,
): { readonly weeks: readonly string[]; readonly warning: string | null } {
  const most = 12;
  const count = force ? weeks : Math.min(weeks, most);
  return {
    weeks: weeksUpTo(last, count),
    warning: count === weeks ? null : `a look-back of ${weeks} weeks was cut to ${most}; --force takes them all`,
  };
}
