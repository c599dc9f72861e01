import { readSignals } from "../../../adapters/signals/read-signals.js";
import { renderTable } from "../../../adapters/terminal/table.js";
import { utcText } from "../../../core/market/scan-time.js";
import { grouped } from "../../../core/numeric/grouped.js";
import { SIGNAL_HEADINGS } from "../../../core/signals/signal-csv.js";
import type { CommandResult, Invocation } from "../command.js";
import { failure } from "../failure.js";

/** Signals that people get without --limit; programs get all. */
const SHOWN = 50;

const columns = SIGNAL_HEADINGS.map((title) => ({ title, numeric: /Entry$|^[ST][LP]_|^Score$/.test(title) }));

export async function run({ args, flags, io }: Invocation): Promise<CommandResult> {
  const file = args[0] ?? "";
  const read = await readSignals(file, file);
  if (read.kind !== "read") {
    const details = read.kind === "invalid" ? read.violations : [read.violation];
    return { kind: "failed", failure: failure("DATA_INVALID", details, "onetape signals show --help") };
  }
  const all = read.signals;
  const shown = all.slice(0, flags.number("limit") ?? (io.json ? all.length : SHOWN));
  const items = shown.map(({ ts, ...signal }) => ({ ...signal, timestamp: utcText(ts) }));
  const human = async (): Promise<string> => {
    const rows = shown.map((s) =>
      [
        ...[s.symbol, utcText(s.ts), s.strategy, s.strategy_version, s.long_entry, s.short_entry],
        ...[s.sl_long, s.sl_short, s.tp_long, s.tp_short, s.setup, s.score],
      ].map((cell) => String(cell ?? "-")),
    );
    const rest = shown.length === all.length ? "" : "; --limit N shows more, --json all";
    return `${await renderTable(columns, rows, io.out)}${grouped(shown.length)} of ${grouped(all.length)} signals${rest}\n`;
  };
  return { kind: "done", json: { schema: "onetape.signals/1", file, count: all.length, items }, human };
}
