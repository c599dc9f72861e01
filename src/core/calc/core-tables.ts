/** Bookkeeping tables: what the log of calculations says, laid out for queries. Each event changes some rows and nothing else is read for it. */
import type { CalcEvent } from "./calc-events.js";
import type { CalcRow } from "./canonical-rows.js";
import { partitionKey, stageRank } from "./partition.js";
import { workSubject } from "./work-item.js";

export type CoreType = "text" | "integer";

export interface CoreTable {
  readonly name: string;
  /** Columns that name a row; the others may be null until an event tells them. */
  readonly key: readonly string[];
  readonly columns: readonly (readonly [name: string, type: CoreType])[];
  /** Columns of further indexes. */
  readonly indexes: readonly (readonly string[])[];
}

/** Sets these columns of the row that the key columns name, and makes the row where there is none. */
export interface CoreChange {
  readonly table: string;
  readonly row: CalcRow;
}

const columns = (text: string): CoreTable["columns"] =>
  text.split(" ").map((word): CoreTable["columns"][number] => (word.endsWith("#") ? [word.slice(0, -1), "integer"] : [word, "text"]));

const table = (name: string, key: string, more: string, ...indexes: readonly string[]): CoreTable => ({
  name,
  key: columns(key).map(([column]) => column),
  columns: columns(`${key} ${more}`),
  indexes: indexes.map((list) => list.split(" ")),
});

/**
 * `core_rejects` is none of these: its rows are as many as lines were rejected, and stand with those of the sources. Nothing migrates: the
 * tables are a projection, dropped and made again.
 *
 * Times are UTC milliseconds; `partition_key` is canonical JSON with sorted keys, the one spelling of a partition.
 */
export const CORE_TABLES: readonly CoreTable[] = [
  table(
    "core_captures",
    "capture_id",
    "domain partition_key week_ending tier outcome detected_by source_last_update publication captured_at# source_kind source_file source_sha256 source_bytes# shape raw_count# unread_count# batch_id execution_id retracted_at# retracted_by retraction_reason",
    "domain week_ending tier captured_at",
    "week_ending tier",
    "captured_at",
  ),
  table("core_capture_sets", "set_id member#", "capture_id domain scope week_ending tier captured_at#", "capture_id"),
  table(
    "core_manifest",
    "domain partition_key capture_id stage",
    "stage_rank# week_ending tier row_count# rejected_count# row_set metrics_json execution_id batch_id updated_at#",
    "capture_id",
    "week_ending tier",
  ),
  table(
    "core_executions",
    "calc_name calc_version capture_id",
    "domain partition_key week_ending tier captured_at# input_sha256 row_count# row_set execution_id batch_id calculated_at#",
    "week_ending tier calc_name",
  ),
  table(
    "core_quality",
    "capture_id source check_name subject",
    "domain partition_key week_ending tier category status severity message actual_value expected_value details_json grade execution_id batch_id created_at#",
    "week_ending tier",
  ),
  table(
    "core_anomalies",
    "anomaly_id",
    "domain pipeline partition_key week_ending tier capture_id stage check_name severity category message details_json affected_records# sample_records execution_id batch_id detected_at# resolved_at# resolved_by resolution_note",
    "week_ending tier stage",
    "resolved_at severity",
  ),
  table(
    "core_work_items",
    "domain pipeline partition_key",
    "week_ending tier status attempts# retry_at# code message updated_at#",
    "status retry_at",
  ),
  table("core_calc_versions", "calc_name calc_version", "state moved_by reason moved_at#"),
  table(
    "core_data_readiness",
    "domain week_ending",
    "is_ready# ready_for_trading# ready_for_compliance# ready_for_research# all_partitions_present# all_stages_complete# no_critical_anomalies# dependencies_current# age_exceeds_preliminary# blocking_issues preliminary_until# assessed_at# certified_for_json captures_json certified_by certified_at#",
  ),
  table("core_calc_dependencies", "calc_name depends_on", "kind domain says", "depends_on"),
  table("core_expected_schedules", "domain schedule", "pipeline tier cadence expected_delay_hours# preliminary_hours#"),
  table(
    "core_schedules",
    "schedule",
    "domain started_at# finished_at# status attempted# succeeded# failed# skipped# weeks_json config_json",
    "status finished_at",
  ),
  table("core_alerts", "alert_id", "anomaly_id domain severity source message raised_at#", "severity raised_at", "anomaly_id"),
  table("core_calendars", "exchange_code year#", "capture_id captured_at# source sha256 holidays_json"),
];

/** Events by which a row comes to be that says so; what changes it later leaves that alone. */
const EXECUTIONS: ReadonlySet<CalcEvent["type"]> = new Set([
  "source.captured",
  "stage.completed",
  "calc.computed",
  "quality.measured",
  "anomaly.raised",
]);

/**
 * What an event changes, in order.
 *
 * @param id of the event on the log: the `execution_id` of the rows that it makes.
 * @param batchOf the batch that a capture came with, as the log says it up to and with the event.
 */
export function coreChanges(event: CalcEvent, id: string, batchOf: (captureId: string) => string | null): readonly CoreChange[] {
  const changes = changesOf(event);
  if (!EXECUTIONS.has(event.type)) return changes;
  const { payload } = event;
  const captureId = "capture_id" in payload ? payload.capture_id : null;
  const batch_id = captureId === null ? null : batchOf(captureId);
  return changes.map(({ table, row }) => ({ table, row: { batch_id, ...row, execution_id: id } }));
}

function changesOf(event: CalcEvent): readonly CoreChange[] {
  const { type, payload, occurred_at } = event;
  switch (type) {
    case "source.captured": {
      const { clocks, source, forced: _, ...rest } = payload;
      const row = {
        ...rest,
        ...clocks,
        partition_key: partitionKey(payload),
        source_kind: source.kind,
        source_file: source.file,
        source_sha256: source.sha256,
        source_bytes: source.bytes,
      };
      return [{ table: "core_captures", row }];
    }
    case "source.retracted":
      return [
        {
          table: "core_captures",
          row: {
            capture_id: payload.capture_id,
            retracted_at: occurred_at,
            retracted_by: payload.by,
            retraction_reason: payload.reason,
          },
        },
      ];
    case "capture_set.formed": {
      const { members, ...rest } = payload;
      return members.map((capture_id, at) => ({ table: "core_capture_sets", row: { ...rest, member: at + 1, capture_id } }));
    }
    case "stage.completed": {
      const { rejects, ...rest } = payload;
      const metrics_json = JSON.stringify({ rejects: Object.fromEntries(rejects.map(({ code, count }) => [code, count])) });
      const row = {
        ...rest,
        partition_key: partitionKey(payload),
        stage_rank: stageRank(payload.stage),
        metrics_json,
        updated_at: occurred_at,
      };
      return [{ table: "core_manifest", row }];
    }
    case "calc.computed": {
      const { forced: _, ...rest } = payload;
      return [{ table: "core_executions", row: { ...rest, partition_key: partitionKey(payload), calculated_at: occurred_at } }];
    }
    case "quality.measured": {
      const { results, domain, week_ending, tier, capture_id, source, grade } = payload;
      const facts = { domain, partition_key: partitionKey(payload), week_ending, tier, capture_id, source, grade, created_at: occurred_at };
      return results.map(({ check, category, status, severity, message, measured, threshold, subject, ...details }) => ({
        table: "core_quality",
        row: {
          ...facts,
          check_name: check,
          subject,
          category,
          status,
          severity,
          message,
          actual_value: measured === null ? null : String(measured),
          expected_value: threshold === null ? null : String(threshold),
          details_json: JSON.stringify({ source, ...details }),
        },
      }));
    }
    case "anomaly.raised": {
      const { check, details, affected_records, sample_records, ...rest } = payload;
      const row = {
        ...rest,
        check_name: check,
        partition_key: partitionKey(payload),
        details_json: JSON.stringify({ check, ...details }),
        affected_records: affected_records ?? null,
        sample_records: sample_records === undefined ? null : JSON.stringify(sample_records),
        detected_at: occurred_at,
      };
      return [{ table: "core_anomalies", row }];
    }
    case "anomaly.resolved": {
      const { anomaly_id, by, note } = payload;
      return [{ table: "core_anomalies", row: { anomaly_id, resolved_at: occurred_at, resolved_by: by, resolution_note: note } }];
    }
    case "work.settled": {
      const { key, ...rest } = payload;
      const subject = workSubject(key);
      return [{ table: "core_work_items", row: { ...subject, partition_key: partitionKey(subject), ...rest, updated_at: occurred_at } }];
    }
    case "partition.certified": {
      const { domain, week_ending, ready_for, captures, by } = payload;
      const row = {
        domain,
        week_ending,
        certified_for_json: JSON.stringify(ready_for),
        captures_json: JSON.stringify(captures),
        certified_by: by,
        certified_at: occurred_at,
      };
      return [{ table: "core_data_readiness", row }];
    }
    case "schedule.ran": {
      const { weeks, config, ...rest } = payload;
      const row = { ...rest, finished_at: occurred_at, weeks_json: JSON.stringify(weeks), config_json: JSON.stringify(config) };
      return [{ table: "core_schedules", row }];
    }
    case "alert.raised":
      return [{ table: "core_alerts", row: { ...payload, raised_at: occurred_at } }];
    case "calendar.captured": {
      const { holidays, ...rest } = payload;
      return [{ table: "core_calendars", row: { ...rest, holidays_json: JSON.stringify(holidays) } }];
    }
    default: {
      const { calc_name, calc_version, by, reason } = payload;
      const state = VERSION_STATES[type];
      return [{ table: "core_calc_versions", row: { calc_name, calc_version, state, moved_by: by, reason, moved_at: occurred_at } }];
    }
  }
}

const VERSION_STATES = {
  "calc_version.registered": "ACTIVE",
  "calc_version.activated": "ACTIVE",
  "calc_version.deprecated": "DEPRECATED",
  "calc_version.sunset": "SUNSET",
  "calc_version.deleted": "DELETED",
} as const;
