import { renderPairs, renderTable } from "../../../adapters/terminal/table.js";
import { grouped } from "../../../core/numeric/grouped.js";
import type { PortfolioSummary } from "../../../core/session/portfolio-summary.js";
import type { CommandResult, Invocation } from "../command.js";
import { figureText } from "../risk-text.js";
import { timeText, withRiskSession } from "../with-risk-session.js";

export function run(invocation: Invocation): Promise<CommandResult> {
  const { io } = invocation;
  return withRiskSession(invocation, "read", async (session) => {
    const { name, status, base_currency, latest, version, quotes, rejects } = session;
    const portfolios: (PortfolioSummary & { readonly positions: number })[] = [];
    if (quotes > 0)
      for (const { portfolio_id, positions } of session.portfolios)
        portfolios.push({ ...(await session.summary(portfolio_id)), positions });
    const requests = session.requests.map(({ command_id, kind, as_of, portfolio_id, run_id, superseded }) => ({
      command_id,
      kind,
      as_of,
      portfolio_id,
      run_id,
      superseded: superseded.length,
    }));
    const about = { session: name, status, base_currency, latest, state_version: version, state_hash: session.stateHash(), quotes };
    return {
      kind: "done",
      json: { schema: "onetape.session-show/1", ...about, rejects, portfolios, requests },
      human: async () => {
        const refusals = rejects.map(({ source, code, count }) => `${grouped(count)} ${code} of ${source}`).join(", ");
        const head = renderPairs(
          [
            ["session", `${io.out.bold(name)}  ${status}, in ${base_currency}`],
            ["until", quotes === 0 && version === 0 ? "nothing came yet" : timeText(latest)],
            ["quotes", `${grouped(quotes)} taken${refusals === "" ? "" : `; refused: ${refusals}`}`],
            ["state", `version ${grouped(version)}, ${about.state_hash.slice(0, 16)}`],
          ],
          io.out,
        );
        const held = await renderTable(
          [
            { title: "portfolio" },
            { title: "positions", numeric: true },
            { title: `value ${base_currency}`, numeric: true },
            { title: "limits" },
          ],
          portfolios.map(({ portfolio_id, positions, pv, constraints, errors }) => [
            portfolio_id,
            grouped(positions),
            pv === null ? `none: ${errors[0]?.code ?? ""}` : figureText(pv.value),
            limitsText(constraints),
          ]),
          io.out,
        );
        const asked = await renderTable(
          [{ title: "request" }, { title: "kind" }, { title: "portfolio" }, { title: "as of" }, { title: "runs before", numeric: true }],
          requests.map(({ command_id, kind, portfolio_id, as_of, superseded }) => [
            command_id,
            kind,
            portfolio_id,
            timeText(as_of),
            grouped(superseded),
          ]),
          io.out,
        );
        return [head, ...(portfolios.length === 0 ? [] : [held]), ...(requests.length === 0 ? [] : [asked])].join("\n");
      },
      next: requests.length === 0 ? [] : [`onetape session report ${name}`],
    };
  });
}

function limitsText(constraints: PortfolioSummary["constraints"]): string {
  if (constraints === null) return "none";
  const { passed, breaches, unknown } = constraints;
  if (passed) return "kept";
  return [...breaches.map((id) => `${id} broken`), ...unknown.map((id) => `${id} unknown`)].join(", ");
}
