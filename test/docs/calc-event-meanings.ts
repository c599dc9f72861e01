/** Units and meanings of the payload fields of events about calculations. */
import type { Meaning } from "./event-meanings.js";

type Field = Meaning["fields"][string];

const captureId: Field = ["", "Capture of a source, or set of captures."];
const domain: Field = ["", "Domain of the data, `finra.otc_transparency`."];
const week: Field = ["", "Friday that ends the week, `YYYY-MM-DD`: the business clock."];
const tier: Field = ["", "`NMS_TIER_1`, `NMS_TIER_2` or `OTC`."];
const tierOrAll: Field = ["", "The same, or null for all tiers of the week."];
const by: Field = ["", "Opaque id of who decided."];
const calcName: Field = ["", "Calculation."];
const calcVersion: Field = ["", "Its version."];
const rowSet: Field = ["", "Identity of the rows: audit fields and order left out."];
const capturedAt: Field = ["", "When the newest capture was taken: the platform clock."];

const moved = (says: string): Meaning => ({
  says,
  stream: "calc-version/NAME/VERSION",
  fields: { calc_name: calcName, calc_version: calcVersion, by, reason: ["", "Why."] },
});

export const calcMeanings: { readonly [type: string]: Meaning } = {
  "source.captured": {
    says: "A source was read and kept. A changed source is a new capture; the one before stays.",
    stream: "capture/DOMAIN/TIER/WEEK",
    fields: {
      capture_id: ["", "`{domain}:{tier}:{week}:` and six digits of the moment, or the day of a scheduled run."],
      domain,
      week_ending: week,
      tier,
      outcome: ["", "Against the newest capture that counts; `identical` only where it was forced."],
      detected_by: ["", "What showed the change: the source's own date, or its bytes."],
      forced: ["", "Taken whatever the bytes are."],
      clocks: ["", "The source's and the platform's clock; the business clock is the week."],
      "clocks.source_last_update": ["", "Newest last-update date of the rows, or null."],
      "clocks.publication": ["", "Stated, else from the file's name, else the last update; or null."],
      "clocks.captured_at": ["", "When it was taken."],
      source: ["", "Where it came from, by content."],
      "source.kind": ["", "`file` or `api`."],
      "source.file": ["", "File name without its folder."],
      "source.sha256": ["", "Of its bytes."],
      "source.bytes": ["bytes", "Its length."],
      shape: ["", "`transparency`, `compact` or `legacy`."],
      raw_count: ["lines", "Data lines, those that could not be read included."],
      unread_count: ["lines", "That could not be read; each is a reject."],
      batch_id: ["", "Name of the batch that it came with, where one was stated."],
    },
  },
  "source.retracted": {
    says: "A capture no longer counts. Its rows are removed; what was said of it stays.",
    stream: "capture-of/ID",
    fields: { capture_id: captureId, by, reason: ["", "Why."] },
  },
  "capture_set.formed": {
    says: "Several captures became one input: the tiers of a week, or the weeks of a tier.",
    stream: "capture-set/ID",
    fields: {
      set_id: ["", "Identity over the members: the same members are the same set."],
      domain,
      scope: ["", "`capture_set` for the tiers of one week, `window` for the weeks of one tier."],
      week_ending: week,
      tier: tierOrAll,
      members: ["", "Captures, ascending by week and tier."],
      captured_at: capturedAt,
    },
  },
  "stage.completed": {
    says: "A stage of a capture is done. `PENDING`, `INGESTED`, `NORMALIZED`, `AGGREGATED`, `ROLLING`, `SNAPSHOT`.",
    stream: "capture/DOMAIN/TIER/WEEK",
    fields: {
      domain,
      week_ending: week,
      tier,
      capture_id: captureId,
      stage: ["", "The stage."],
      row_count: ["rows", "It left."],
      row_set: ["", "Identity of those rows, or null where the stage has none of its own."],
      rejects: ["", "Rejects by reason; a line with two reasons counts under both."],
      "rejects[].code": ["", "Reason."],
      "rejects[].count": ["lines", "That have it."],
      rejected_count: ["lines", "Rejected, each once."],
    },
  },
  "calc.computed": {
    says: "Rows of one version of a calculation came to be; a later event of the same key replaces them.",
    stream: "calc/NAME",
    fields: {
      calc_name: calcName,
      calc_version: calcVersion,
      domain,
      week_ending: week,
      tier: tierOrAll,
      capture_id: captureId,
      captured_at: capturedAt,
      input_sha256: ["", "Identity of everything that went in."],
      row_count: ["rows", "That came out."],
      row_set: rowSet,
      forced: ["", "Computed whatever was there."],
    },
  },
  "quality.measured": {
    says: "What was measured of a capture's rows, or of what a calculation made of them.",
    stream: "quality/ID",
    fields: {
      domain,
      week_ending: week,
      tier: tierOrAll,
      capture_id: captureId,
      source: ["", "A stage, or `NAME@VERSION` of a calculation."],
      grade: ["", "A: no warning, B: at most 2, C: at most 5, D: more, F: a failure, which blocks what follows."],
      results: ["", "Every check, also those that pass."],
      "results[].check": ["", "Name of the check."],
      "results[].category": ["", "What kind of rule it is."],
      "results[].status": ["", "Outcome."],
      "results[].severity": ["", "How bad an outcome other than PASS is."],
      "results[].measured": ["", "What was measured, or null."],
      "results[].threshold": ["", "What it is compared with, or null."],
      "results[].subject": ["", "What was checked."],
      "results[].message": ["", "The same in words."],
    },
  },
  "anomaly.raised": {
    says: "Something is wrong with a partition. The same finding is raised once.",
    stream: "anomaly/ID",
    fields: {
      anomaly_id: ["", "Identity of the finding."],
      domain,
      week_ending: week,
      tier: tierOrAll,
      capture_id: ["", "Capture or set, or null."],
      stage: ["", "Where it was found."],
      check: ["", "Check or failure behind it."],
      severity: ["", "An unresolved `CRITICAL` one keeps a week from use."],
      category: ["", "Kind of finding."],
      message: ["", "In words."],
    },
  },
  "anomaly.resolved": {
    says: "Somebody, or the work that was missing, settled an anomaly. It is never deleted.",
    stream: "anomaly/ID",
    fields: { anomaly_id: ["", "The anomaly."], by, note: ["", "How it was settled."] },
  },
  "calc_version.registered": moved("A version that the code declares was seen for the first time."),
  "calc_version.activated": moved("The version that readers get who name none."),
  "calc_version.deprecated": moved("Still written and read, with a warning; never current again."),
  "calc_version.sunset": moved("No longer written, still read."),
  "calc_version.deleted": {
    says: "Neither written nor read. Its rows go with the migration that is named.",
    stream: "calc-version/NAME/VERSION",
    fields: {
      calc_name: calcName,
      calc_version: calcVersion,
      by,
      reason: ["", "Why."],
      checklist: ["", "What was confirmed before."],
      "checklist.migration": ["", "Migration that removes the rows."],
      "checklist.consumers_moved": ["", "Nobody depends on it."],
      "checklist.no_query_names_it": ["", "No query names it."],
      "checklist.audit_settled": ["", "Kept elsewhere, or not needed."],
      "checklist.second_reviewer": ["", "Opaque id of somebody else who agreed."],
    },
  },
  "partition.certified": {
    says: "A week was found fit for use.",
    stream: "readiness/DOMAIN/WEEK",
    fields: {
      domain,
      week_ending: week,
      ready_for: ["", "Uses: `trading`, `compliance`, `research`."],
      captures: ["", "Captures that it holds for."],
      by,
    },
  },
  "calendar.captured": {
    says: "The closed weekdays of an exchange in one year were loaded; the newest of a year holds.",
    stream: "calendar/MIC/YEAR",
    fields: {
      capture_id: ["", "`reference.exchange_calendar:{mic}:{year}:` and six digits."],
      exchange_code: ["", "Market code."],
      year: ["", "Calendar year."],
      captured_at: ["", "When it was loaded."],
      source: ["", "File, or `rules`."],
      sha256: ["", "Identity of the content."],
      holidays: ["", "Closed weekdays, ascending."],
      "holidays[].date": ["", "Day, `YYYY-MM-DD`."],
      "holidays[].title": ["", "Why it is closed."],
      "holidays[].type": ["", "As the source has it."],
    },
  },
  "schedule.ran": {
    says: "The scheduled work of a domain ran once, over all weeks and tiers that were due.",
    stream: "schedule/NAME",
    fields: {
      schedule: ["", "Domain and name."],
      domain,
      started_at: ["", "When it began; the event time is its end."],
      status: ["", "`success`, `partial` or `failure`."],
      attempted: ["partitions", "Begun: those that succeeded and those that failed."],
      succeeded: ["partitions", "Done."],
      failed: ["partitions", "Not done; each has an anomaly."],
      skipped: ["partitions", "Up to date, or left out after a failure."],
      weeks: ["", "Weeks that it looked at, ascending."],
      config: ["", "What it was asked for."],
      "config.tiers": ["", "Tiers."],
      "config.only_stage": ["", "`ingest`, `normalize`, `calc` or `all`."],
      "config.fail_fast": ["", "Whether a failure ends it."],
      "config.force": ["", "Whether it does again what was done."],
    },
  },
  "alert.raised": {
    says: "An anomaly of severity `ERROR` or `CRITICAL` was made known; the same source rings at most once in five minutes.",
    stream: "alert/ID",
    fields: {
      alert_id: ["", "Identity of the alert, that of its anomaly."],
      anomaly_id: ["", "The anomaly."],
      domain,
      severity: ["", "Of the anomaly."],
      source: ["", "Domain, stage and check: what rings together."],
      message: ["", "In words."],
    },
  },
  "work.settled": {
    says: "A unit of work ended, after one attempt or several.",
    stream: "work/KEY",
    fields: {
      key: ["", "Domain, calculation, version and partition."],
      attempts: ["", "Begun."],
      status: ["", "How it stands."],
      retry_at: ["", "When it may be tried again, or null."],
      code: ["", "Of the failure, or null."],
      message: ["", "The failure in words, or null."],
    },
  },
};
