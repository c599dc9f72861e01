import { FileRunStore } from "../../../adapters/run-store/file-run-store.js";
import { renderTable } from "../../../adapters/terminal/table.js";
import { grouped } from "../../../core/numeric/grouped.js";
import { listRuns, type RunSummary } from "../../../usecases/find-run.js";
import type { CommandResult, Invocation } from "../command.js";

const columns = [
  { title: "run" },
  { title: "status" },
  { title: "strategy" },
  { title: "symbols" },
  { title: "bars", numeric: true },
  { title: "orders", numeric: true },
  { title: "net P&L", numeric: true },
  { title: "stored (UTC)" },
];

export async function run({ flags, io, settings }: Invocation): Promise<CommandResult> {
  const all = await listRuns({ runs: new FileRunStore(settings.home) });
  const items = all.slice(0, flags.number("limit") ?? all.length);
  const [newest] = items;
  return {
    kind: "done",
    json: { schema: "onetape.runs/1", items, total: all.length },
    human: async () => (newest === undefined ? "no runs yet\n" : renderTable(columns, items.map(row), io.out)),
    next: [newest === undefined ? "onetape backtest CONFIG" : `onetape runs show ${newest.name}`],
  };
}

function row({ name, status, strategy, symbols, bars, orders, net_pnl, recorded_at }: RunSummary): readonly string[] {
  const stored = recorded_at === null ? "" : new Date(recorded_at).toISOString().slice(0, 19).replace("T", " ");
  // An aborted run was never counted: its tape ends at the last commit.
  const counts = status === "aborted" ? ["-", "-"] : [grouped(bars), grouped(orders)];
  return [name, status, strategy, symbols.join(" "), ...counts, net_pnl === null ? "-" : grouped(net_pnl), stored];
}
