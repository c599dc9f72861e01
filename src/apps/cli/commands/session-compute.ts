import { loadScenarios } from "../../../adapters/config/load-scenarios.js";
import { sha256, sha256Bytes } from "../../../adapters/node-hash/sha256.js";
import { readLimits } from "../../../adapters/risk-files/read-limits.js";
import type { Violation } from "../../../core/quality/violation.js";
import type { MissingLevels } from "../../../core/risk/portfolio/historical-scenarios.js";
import type { PortfolioLimit } from "../../../core/risk/portfolio/portfolio-limits.js";
import type { Scenario } from "../../../core/risk/portfolio/scenario.js";
import { WARN_AT } from "../../../core/risk/report/risk-report.js";
import type { RiskSessionReport } from "../../../core/session/session-report.js";
import { canonicalJson } from "../../../core/tape/canonical-json.js";
import type { RiskSession } from "../../../usecases/risk-session.js";
import type { CommandResult, FlagValues, Invocation } from "../command.js";
import { refused } from "../data-refusal.js";
import { type Failure, failure } from "../failure.js";
import { renderSessionReport, reportProblem } from "../render-session-report.js";
import { confidenceFlag } from "../risk-inputs.js";
import { atFlag, timeText, withRiskSession } from "../with-risk-session.js";

const HELP = "onetape session compute --help";
/** Days of the session's own quotes that make scenarios. */
const HISTORY_DAYS = 500;

interface Asked {
  readonly scenarios: readonly Scenario[];
  readonly limits: readonly PortfolioLimit[];
  readonly confidence: string;
  readonly at: number | null;
}

export async function run(invocation: Invocation): Promise<CommandResult> {
  const { args, flags, io } = invocation;
  const name = args[0] ?? "";
  const asked = await read(flags);
  if ("failure" in asked) return { kind: "failed", failure: asked.failure };
  return withRiskSession(invocation, "write", async (session): Promise<CommandResult> => {
    const ts = asked.at ?? (Number.isFinite(session.latest) ? session.latest : 0);
    const command = await commandOf(session, flags, asked, ts);
    const executed = await session.execute([command]);
    if (executed.kind === "refused") return { kind: "failed", failure: refused(executed) };
    const [outcome] = executed.outcomes;
    const { error = null, command_id = "", status = "REJECTED" } = outcome ?? {};
    if (error !== null) {
      const details = error.details.map(({ field, value, expected }) => ({
        code: error.code,
        message: error.message,
        field,
        value,
        expected,
      }));
      const empty = error.code === "ILLEGAL_SEQUENCE" && session.status === "open";
      const next = empty ? `onetape session ingest ${name} --quotes prices.csv` : HELP;
      return { kind: "failed", failure: failure("COMMAND_REFUSED", details, next) };
    }
    const { state_hash } = executed;
    const schema = "onetape.session-compute/1";
    const taken = { session: name, command_id, status, state_version: session.version, state_hash };
    if (flags.text("kind") === "state") {
      return {
        kind: "done",
        json: { schema, ...taken, report: null },
        human: () => `recorded state ${state_hash} at version ${session.version}, as of ${timeText(ts)}\n`,
        next: [`onetape session replay ${name}`],
      };
    }
    const report = await session.report(command_id);
    const problem = report === null ? null : reportProblem(report, name);
    return {
      kind: "done",
      json: { schema, ...taken, report },
      human: () => (report === null ? "" : renderSessionReport(report, io.out)),
      ...(problem === null ? {} : { problem }),
      next: nextOf(name, report),
    };
  });
}

function nextOf(name: string, report: RiskSessionReport | null): readonly string[] {
  const replay = `onetape session replay ${name}`;
  // A page is made of a risk.
  return report?.kind === "PORTFOLIO_RISK"
    ? [`onetape session report ${name} --request ${report.request} --format html --output ${name}.html`, replay]
    : [replay];
}

/** Flags and files; everything wrong with all of them is told at once. */
async function read(flags: FlagValues): Promise<Asked | { readonly failure: Failure }> {
  const violations: Violation[] = [];
  const at = atFlag(flags, violations);
  const confidence = confidenceFlag(flags, violations);
  const grid = flags.text("kind") === "grid";
  for (const flag of ["spot-pct", "vol-abs"] as const)
    if (!grid && flags.text(flag) !== undefined)
      violations.push({ code: "USAGE", message: `--${flag} belongs to a grid`, field: `--${flag}`, expected: "--kind grid" });
  const usage = violations.length > 0;
  const [scenarioFile, limitFile] = [flags.text("scenarios"), flags.text("limits")];
  const scenarios = scenarioFile === undefined ? null : await loadScenarios(scenarioFile);
  const limits = limitFile === undefined ? null : await readLimits(limitFile, sha256Bytes);
  for (const one of [scenarios, limits]) if (one?.kind === "invalid") violations.push(...one.violations);
  if (violations.length > 0) return { failure: failure(usage ? "USAGE" : "DATA_INVALID", violations, HELP) };
  return {
    at,
    confidence,
    scenarios: scenarios?.kind === "loaded" ? scenarios.scenarios : [],
    limits: limits?.kind === "read" ? limits.limits.map((limit) => named(limit, confidence)) : [],
  };
}

/** In a file of limits the figures of record are `var` and `es`; a session names them with their confidence. */
function named(limit: PortfolioLimit, confidence: string): PortfolioLimit {
  const { on } = limit;
  return on.kind === "measure" ? { ...limit, on: { ...on, name: `${on.name}/${confidence}` } } : limit;
}

const MISSING_LEVELS: readonly MissingLevels[] = ["reject", "carry_forward", "drop_scenario"];

/** The same question has the same id, so that asking again after a crash asks nothing new. */
async function commandOf(session: RiskSession, flags: FlagValues, asked: Asked, ts: number): Promise<object> {
  const kind = flags.text("kind") ?? "risk";
  const portfolio_id = flags.text("portfolio") ?? "main";
  const common = { schema_version: 1 } as const;
  if (kind === "state") {
    const command_id = flags.text("request") ?? `state/${session.version}/${ts}`;
    return { ...common, kind: "SNAPSHOT_REQUEST", command_id, payload: { ts } };
  }
  const totals = flags.on("allow-missing") ? "priced_only" : "whole";
  const parameters = kind === "grid" ? { totals, ...axesOf(flags) } : await riskOf(session, flags, asked, { portfolio_id, ts, totals });
  const text = canonicalJson(parameters, 1, Number.MAX_SAFE_INTEGER);
  const mark = text.ok ? sha256(text.text).slice(0, 12) : "";
  const command_id = flags.text("request") ?? `${kind}/${portfolio_id}/${ts}/${mark}`;
  const payload = { ts, portfolio_id, parameters };
  return { ...common, kind: kind === "grid" ? "SCENARIO_GRID" : "PORTFOLIO_RISK", command_id, payload };
}

function axesOf(flags: FlagValues): { readonly spot_pct: readonly string[]; readonly vol_abs: readonly string[] } {
  const axis = (text: string): readonly string[] => text.split(",").map((move) => move.trim());
  return { spot_pct: axis(flags.text("spot-pct") ?? "-0.2,-0.1,0,0.1,0.2"), vol_abs: axis(flags.text("vol-abs") ?? "-0.05,0,0.05") };
}

async function riskOf(
  session: RiskSession,
  flags: FlagValues,
  { scenarios, limits, confidence }: Asked,
  { portfolio_id, ts, totals }: { readonly portfolio_id: string; readonly ts: number; readonly totals: string },
): Promise<object> {
  const missing = MISSING_LEVELS.find((policy) => policy === flags.text("missing-levels")) ?? "reject";
  const past = await session.history(portfolio_id, { ts, days: (flags.number("history") ?? HISTORY_DAYS) + 1, missing });
  const history = past.rows.length > 1 && past.factors.length > 0 ? past : null;
  return { totals, confidences: [confidence], history, scenarios, limits, warn_at: WARN_AT };
}
