import { renderTable } from "../../../adapters/terminal/table.js";
import { grouped } from "../../../core/numeric/grouped.js";
import type { Violation } from "../../../core/quality/violation.js";
import { type ListedCapture, listData } from "../../../usecases/list-data.js";
import type { CommandResult, Invocation } from "../command.js";
import { failure } from "../failure.js";
import { oneSymbol } from "../import-options.js";
import { withData } from "../with-data.js";

const columns = [
  { title: "capture" },
  { title: "symbol" },
  { title: "bars" },
  { title: "rows", numeric: true },
  { title: "gaps", numeric: true },
  { title: "first close" },
  { title: "last close" },
  { title: "source" },
  { title: "" },
];

export async function run(invocation: Invocation): Promise<CommandResult> {
  const { flags, io } = invocation;
  const violations: Violation[] = [];
  const symbol = oneSymbol(flags, violations);
  if (violations.length > 0) return { kind: "failed", failure: failure("USAGE", violations, "onetape data list --help") };
  return withData(
    invocation,
    "list",
    (ports) => listData(ports, { symbol }),
    ({ captures }) => ({
      kind: "done",
      json: { schema: "onetape.data-list/1", items: captures },
      human: () => (captures.length === 0 ? "no captures yet\n" : renderTable(columns, captures.map(row), io.out)),
      next: [captures.length === 0 ? "onetape data import FILE" : `onetape data show ${captures.at(-1)?.symbol ?? "DATA"}`],
    }),
  );
}

function row(capture: ListedCapture): readonly string[] {
  const { capture_id, symbol, timeframe, basis, price_mode, rows, gap_count, first_close, last_close, source } = capture;
  const marks = [
    capture.latest ? "latest" : "",
    capture.synthetic ? "synthetic" : "",
    capture.research ? "research" : "",
    capture.has_volume ? "" : "no volume",
    capture.calculation ?? "",
  ].filter((mark) => mark !== "");
  return [
    capture_id.slice(0, 12),
    symbol,
    `${timeframe} ${basis} ${price_mode}`,
    grouped(rows),
    grouped(gap_count),
    first_close,
    last_close,
    source,
    marks.join(", "),
  ];
}
