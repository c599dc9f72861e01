import type { Style } from "../../adapters/terminal/style.js";
import { renderPairs } from "../../adapters/terminal/table.js";
import { grouped } from "../../core/numeric/grouped.js";
import type { PaperStanding } from "../../usecases/paper-session.js";
import type { JsonDocument } from "./command.js";

/** What `--json` prints of a session. */
export function paperDocument(status: "completed" | "failed" | "stopped", standing: PaperStanding): JsonDocument {
  const { session, log, resumed_from, head, bars, counts } = standing;
  return { schema: "onetape.paper/1", session, log, status, resumed_from, events: head.position, bars, ...counts, head };
}

/** A session's standing for people. */
export function renderPaper(status: string, { session, log, resumed_from, head, bars, counts }: PaperStanding, style: Style): string {
  const made =
    counts === null ? [] : [`${grouped(counts.signals)} signals, ${grouped(counts.orders)} orders, ${grouped(counts.fills)} fills`];
  return renderPairs(
    [
      ["session", `${style.bold(session)}  ${status}`],
      ["bars", grouped(bars)],
      ["events", [grouped(head.position), ...made].join(": ")],
      ...(resumed_from === 0
        ? []
        : [["went on", `from event ${grouped(resumed_from)}, everything before made again and found equal`] as const]),
      ["tape", `${log}, head ${head.hash.slice(0, 16)}`],
    ],
    style,
  );
}
