import { sha256 } from "../../../adapters/node-hash/sha256.js";
import { FileSweepStore } from "../../../adapters/sweep-store/file-sweep-store.js";
import { renderTable } from "../../../adapters/terminal/table.js";
import { grouped } from "../../../core/numeric/grouped.js";
import { listSweeps, type SweepListed } from "../../../usecases/show-sweep.js";
import type { CommandResult, Invocation } from "../command.js";
import { figure } from "../render-sweep.js";

const columns = [
  { title: "sweep" },
  { title: "status" },
  { title: "strategy" },
  { title: "symbols" },
  { title: "grid" },
  { title: "points", numeric: true },
  { title: "best" },
  { title: "stored (UTC)" },
];

export async function run({ flags, io, settings }: Invocation): Promise<CommandResult> {
  const all = await listSweeps({ sweeps: new FileSweepStore(settings.home, sha256) });
  const items = all.slice(0, flags.number("limit") ?? all.length);
  const [newest] = items;
  return {
    kind: "done",
    json: { schema: "onetape.sweeps/1", items, total: all.length },
    human: async () => (newest === undefined ? "no sweeps yet\n" : renderTable(columns, items.map(row), io.out)),
    next: [newest === undefined ? "onetape sweep CONFIG --grid NAME=VALUES" : `onetape sweep show ${newest.sweep_id.slice(0, 12)}`],
  };
}

function row({ sweep_id, status, strategy, symbols, axes, points, done, ranking, best, recorded_at }: SweepListed): readonly string[] {
  const stored = recorded_at === null ? "" : new Date(recorded_at).toISOString().slice(0, 19).replace("T", " ");
  const count = done === points ? grouped(points) : `${grouped(done)}/${grouped(points)}`;
  const shape = axes.map(({ name, values }) => `${name}:${values}`).join(" x ");
  return [
    sweep_id.slice(0, 12),
    status,
    strategy,
    symbols.join(" "),
    shape,
    count,
    best === null ? "-" : `${ranking.metric} ${figure(best.value)}`,
    stored,
  ];
}
