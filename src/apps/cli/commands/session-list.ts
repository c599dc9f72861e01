import { renderTable } from "../../../adapters/terminal/table.js";
import { grouped } from "../../../core/numeric/grouped.js";
import { openRiskSession, riskSessionNames } from "../../../usecases/risk-session.js";
import type { CommandResult, Invocation } from "../command.js";
import { withLogStores } from "../with-logs.js";
import { riskSessionPorts, timeText } from "../with-risk-session.js";

type ListedSession =
  | { readonly session: string; readonly unreadable: string }
  | {
      readonly session: string;
      readonly unreadable?: undefined;
      readonly status: string;
      readonly base_currency: string;
      readonly latest: number;
      readonly state_version: number;
      readonly quotes: number;
      readonly requests: number;
    };

export function run(invocation: Invocation): Promise<CommandResult> {
  const { io, signal } = invocation;
  return withLogStores(invocation, async ({ store }) => {
    const items: ListedSession[] = [];
    for (const name of await riskSessionNames(store)) {
      signal.throwIfAborted();
      const opened = await openRiskSession(riskSessionPorts(store), name, "read");
      if (opened.kind === "refused") {
        items.push({ session: name, unreadable: opened.violations[0]?.message ?? opened.reason });
        continue;
      }
      const { session } = opened;
      const { status, base_currency, latest, version, quotes, requests } = session;
      items.push({ session: name, status, base_currency, latest, state_version: version, quotes, requests: requests.length });
      await session.close();
    }
    const rows = items.map((item) =>
      item.unreadable !== undefined
        ? [item.session, io.out.bad("unreadable"), "", "", "", item.unreadable]
        : [
            item.session,
            item.status,
            item.base_currency,
            grouped(item.quotes),
            grouped(item.requests),
            item.quotes === 0 && item.requests === 0 ? "" : timeText(item.latest),
          ],
    );
    const columns = [
      { title: "session" },
      { title: "" },
      { title: "" },
      { title: "quotes", numeric: true },
      { title: "requests", numeric: true },
      { title: "until" },
    ];
    return {
      kind: "done",
      json: { schema: "onetape.session-list/1", items },
      human: () => (items.length === 0 ? "no sessions yet\n" : renderTable(columns, rows, io.out)),
      next: items.length === 0 ? ["onetape session new desk --base-currency USD"] : [],
    };
  });
}
