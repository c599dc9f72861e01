import { renderTable } from "../../../adapters/terminal/table.js";
import { utcText } from "../../../core/market/scan-time.js";
import { DATA_USES } from "../../../core/quality/data-readiness.js";
import { readDataReadiness } from "../../../usecases/data-readiness.js";
import type { CommandResult, Invocation } from "../command.js";
import { withData } from "../with-data.js";

const columns = [{ title: "symbol" }, { title: "timeframe" }, ...DATA_USES.map((title) => ({ title })), { title: "measured" }];

export async function run(invocation: Invocation): Promise<CommandResult> {
  const { args, io } = invocation;
  return withData(
    invocation,
    "readiness",
    (ports) => readDataReadiness(ports, args[0]),
    ({ items }) => ({
      kind: "done",
      json: { schema: "onetape.quality-readiness/1", items },
      human: async () => {
        if (items.length === 0) return "no bars were imported yet\n";
        const word = (ready: boolean): string => (ready ? io.out.good("ready") : io.out.bad("not ready"));
        const rows = items.map(({ symbol, timeframe, ready_for, measured_at }) => [
          symbol,
          timeframe,
          ...DATA_USES.map((use) => word(ready_for[use])),
          measured_at === null ? "never" : utcText(measured_at),
        ]);
        const reasons = items.flatMap(({ symbol, blocking }) =>
          [...new Set(DATA_USES.flatMap((use) => blocking[use]))].map((why) => `${symbol}  ${why}\n`),
        );
        return `${await renderTable(columns, rows, io.out)}${reasons.length === 0 ? "" : `\n${reasons.join("")}`}`;
      },
      next: ["onetape quality anomalies"],
    }),
  );
}
