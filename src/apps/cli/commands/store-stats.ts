import { renderPairs, renderTable } from "../../../adapters/terminal/table.js";
import { counted, grouped } from "../../../core/numeric/grouped.js";
import { type LogStats, logStats } from "../../../usecases/log-stats.js";
import type { CommandResult, Invocation } from "../command.js";
import { withLog } from "../with-logs.js";

const columns = [
  { title: "type" },
  { title: "events", numeric: true },
  { title: "characters", numeric: true },
  { title: "versions", numeric: true },
];

export function run(invocation: Invocation): Promise<CommandResult> {
  const { io } = invocation;
  return withLog(invocation, async (session) => {
    const progress = io.progress("count", "events");
    const total = session.head().position;
    const stats = await logStats(session, (done) => progress.update({ done, total, at: null })).finally(() => progress.end());
    return { kind: "done", json: { schema: "onetape.store-stats/1", ...stats }, human: () => inWords(stats, io) };
  });
}

async function inWords(stats: LogStats, { out }: Invocation["io"]): Promise<string> {
  const { log, layout, events, blocks, streams, payload_chars, epochs, head } = stats;
  const about = renderPairs(
    [
      ["log", `${out.bold(log)}  ${layout}`],
      ["head", `${grouped(head.position)}  ${head.hash}`],
      ["events", `${grouped(events)} in ${counted(blocks, "block")} and ${counted(streams, "stream")}, by ${counted(epochs, "writer")}`],
      [
        "payloads",
        `${grouped(payload_chars)} characters${events === 0 ? "" : `, ${grouped(Math.round(payload_chars / events))} an event`}`,
      ],
      ["event times", span(stats.first_occurred_at, stats.last_occurred_at)],
      ["written", span(stats.first_recorded_at, stats.last_recorded_at)],
    ],
    out,
  );
  const rows = stats.types.map(({ type, events: count, payload_chars: chars, schema_versions }) => [
    type,
    grouped(count),
    grouped(chars),
    schema_versions.join(", "),
  ]);
  return `${about}\n${await renderTable(columns, rows, out)}`;
}

function span(first: number | null, last: number | null): string {
  return first === null || last === null ? "-" : `${new Date(first).toISOString()} to ${new Date(last).toISOString()}`;
}
