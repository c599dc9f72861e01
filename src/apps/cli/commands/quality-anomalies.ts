import { renderTable } from "../../../adapters/terminal/table.js";
import { utcText } from "../../../core/market/scan-time.js";
import { PRIORITY_OF } from "../../../core/quality/grade.js";
import { findAnomalies } from "../../../usecases/find-anomalies.js";
import type { CommandResult, Invocation } from "../command.js";
import { withQuality } from "../with-quality.js";

const columns = [
  { title: "anomaly" },
  { title: "subject" },
  { title: "check" },
  { title: "severity" },
  { title: "detected" },
  { title: "finding" },
  { title: "resolution" },
];

export async function run(invocation: Invocation): Promise<CommandResult> {
  const { flags, io } = invocation;
  const symbol = flags.text("symbol");
  return withQuality(
    invocation,
    (ports) => findAnomalies(ports),
    ({ anomalies }) => {
      const shown = anomalies.filter(
        ({ subject, resolution }) => (flags.on("all") || resolution === null) && (symbol === undefined || subject === symbol),
      );
      const rows = shown.map(({ anomaly_id, subject, check, severity, detected_at, message, resolution }) => [
        anomaly_id,
        subject,
        check,
        `${severity} ${PRIORITY_OF[severity]}`,
        utcText(detected_at),
        message,
        resolution === null ? "open" : `${resolution.by}: ${resolution.note}`,
      ]);
      const nothing = flags.on("all") ? "no anomaly was ever found\n" : "no anomaly is open\n";
      return {
        kind: "done",
        json: { schema: "onetape.quality-anomalies/1", items: shown },
        human: () => (rows.length === 0 ? nothing : renderTable(columns, rows, io.out)),
      };
    },
  );
}
