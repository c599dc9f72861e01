/** Units and meanings of the payload fields of events about the quality of bars. */
import type { Meaning } from "./event-meanings.js";

const anomalyId: Meaning["fields"][string] = [
  "",
  "Identity over symbol, bars, check and finding: the same finding about the same bars is one anomaly.",
];
const check: Meaning["fields"][string] = ["", "Check, for example `m1_completeness`."];
const category: Meaning["fields"][string] = ["", "What kind of fault it looks for."];
const severity: Meaning["fields"][string] = ["", "How bad it is; `INFO` where it passed."];
const columnSet: Meaning["fields"][string] = ["", "Column set that the bars are all or a part of."];

export const qualityMeanings: { readonly [type: string]: Meaning } = {
  "sla.measured": {
    says: "One check of one series of bars. The same bars under the same calendar are measured once.",
    stream: "measurement/ID",
    fields: {
      measurement_id: ["", "Identity of the bars and of how they were measured; all results of one measurement carry it."],
      checks: ["", "Version of the checks' meaning."],
      symbol: ["", "Instrument."],
      timeframe: ["", "Length of a bar."],
      basis: ["", "What the prices are."],
      column_set: columnSet,
      from_ts: ["ms", "Close of the first bar measured."],
      to_ts: ["ms", "Close of the last bar measured."],
      rows: ["bars", "Bars measured."],
      calendar: ["", "Calendar and its version, or null where the trading hours are unknown."],
      check,
      category,
      status: ["", "Whether it passed."],
      severity,
      measured: ["", "A share, a count or minutes; null where it could not be measured."],
      threshold: ["", "What it is compared with, or null."],
      message: ["", "The finding in words."],
    },
  },
  "sla.decided": {
    says: "What a gate made of results under the ladder of the settings.",
    stream: "gate/STAGE",
    fields: {
      stage: ["", "Where bars wanted to pass."],
      subject: ["", "Capture, run, sweep or session that wanted to pass."],
      verdict: ["", "Whether it passed, passed with warnings, or was refused."],
      grade: ["", "A: no warning. B: at most 2. C: at most 5. D: more. F: any failure."],
      measurements: ["", "Measurements that it stands on."],
      levels: ["", "Level of each check: `off`, `warn` or `enforce`."],
      blocking: ["", "Open anomalies that refused it."],
      warnings: ["", "Anomalies that were told and did not stop it."],
      resolved: ["", "Anomalies that would have refused it, had nobody resolved them."],
    },
  },
  "bar_anomaly.raised": {
    says: "Something about bars did not pass. It is never deleted.",
    stream: "anomaly/ID",
    fields: {
      anomaly_id: anomalyId,
      symbol: ["", "Instrument."],
      column_set: columnSet,
      check,
      category,
      severity,
      message: ["", "The finding in words."],
    },
  },
  "bar_anomaly.resolved": {
    says: "Somebody looked at an anomaly and says why its bars may be used.",
    stream: "anomaly/ID",
    fields: { anomaly_id: anomalyId, by: ["", "Opaque id of who decided."], note: ["", "Why."] },
  },
};
