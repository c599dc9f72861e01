import { renderTable } from "../../../adapters/terminal/table.js";
import { grouped } from "../../../core/numeric/grouped.js";
import type { Head } from "../../../core/tape/event.js";
import { listLogs, openToRead, type PlacedLog } from "../../../usecases/workspace-logs.js";
import type { CommandResult, Invocation } from "../command.js";
import { failure } from "../failure.js";
import { findLog, withLogStores } from "../with-logs.js";

interface ShownHead extends Head {
  readonly log: string;
  readonly layout: string;
  readonly epoch: number;
  /** Clock reading of the last committed block, or null for an empty log. */
  readonly recorded_at: string | null;
}

const columns = [
  { title: "log" },
  { title: "position", numeric: true },
  { title: "hash" },
  { title: "layout" },
  { title: "epoch", numeric: true },
  { title: "written" },
];

export function run(invocation: Invocation): Promise<CommandResult> {
  const { args, io, settings } = invocation;
  return withLogStores(invocation, async (stores) => {
    const [word] = args;
    let logs = await listLogs(stores);
    if (word !== undefined) {
      const found = await findLog(stores, settings.home, word);
      if (found.kind === "failed") return found;
      logs = [found.placed];
    }
    const looks = await Promise.all(logs.map(lookAt));
    const items = looks.filter((look) => typeof look !== "string");
    const faults = looks.flatMap((look) =>
      typeof look === "string" ? [{ code: "STORE_UNAVAILABLE", message: `the log cannot be opened: ${look}` }] : [],
    );
    return {
      kind: "done",
      json: { schema: "onetape.store-head/1", items },
      human: () => (logs.length === 0 ? "no logs yet\n" : renderTable(columns, items.map(row), io.out)),
      ...(faults.length === 0 ? {} : { problem: failure("STORE_UNAVAILABLE", faults, "onetape store doctor") }),
    };
  });
}

async function lookAt({ log, kind, store }: PlacedLog): Promise<ShownHead | string> {
  const opened = await openToRead(store, log);
  if (opened.session === null) return `${log}: ${opened.why}`;
  const { session } = opened;
  try {
    const head = await session.refresh();
    let recorded: number | null = null;
    for await (const event of session.readLog({ direction: "backwards", limit: 1 })) recorded = event.recorded_at;
    const recorded_at = recorded === null ? null : new Date(recorded).toISOString();
    return { log, ...head, layout: session.layout, epoch: session.epoch, recorded_at };
  } finally {
    await session.close();
    if (kind === "run") await store.close();
  }
}

function row({ log, position, hash, layout, epoch, recorded_at }: ShownHead): readonly string[] {
  return [log, grouped(position), hash.slice(0, 16), layout, String(epoch), recorded_at ?? "-"];
}
