/** What a policy did in a run, for a terminal of 80 columns. */
import type { Style } from "../../adapters/terminal/style.js";
import { renderPairs, renderTable } from "../../adapters/terminal/table.js";
import { wrapped } from "../../adapters/terminal/wrapped.js";
import { utcText } from "../../core/market/scan-time.js";
import { roundHalfEven } from "../../core/metrics/round-half-even.js";
import { grouped } from "../../core/numeric/grouped.js";
import { episodeWords } from "../../core/projections/episode-words.js";
import {
  type CodeCount,
  enforcementWords,
  type LimitUse,
  type RiskExposure,
  type SessionUse,
  type Use,
} from "../../core/projections/risk-exposure.js";

const WIDTH = 80;
/** Letters of a limit's line of sessions, and of its bar. */
const LINE = 28;
const BAR = 20;
/** From nothing to the limit. */
const LEVELS = ["\u2581", "\u2582", "\u2583", "\u2584", "\u2585", "\u2586", "\u2587", "\u2588"] as const;
const NOTHING = "\u00b7";

export function renderNoPolicy(run: string): string {
  const says = `${run} ran under no policy: only the checks that are never switched off held (tick, lot, account, price, rate, finite numbers, cash), and they limit nothing. A policy under the key risk of the run's config gives limits, for example risk: { policy: vibe }.`;
  return `${wrapped(says, WIDTH)}\n`;
}

export async function renderExposure(run: string, exposure: RiskExposure, style: Style): Promise<string> {
  const { policy, decisions, refusals, observed, declined, closest, episodes, alerts } = exposure;
  const head = renderPairs(
    [
      ["run", run],
      ["policy", `${style.bold(policy.name)}, ${enforcementWords(policy.enforcement)}`],
      ["sha256", policy.sha256],
      ["orders", `${grouped(decisions.approved)} approved, ${grouped(decisions.denied)} refused (changes of orders included)`],
    ],
    style,
  );
  const parts = [
    head,
    limitsPart(exposure, style),
    await countsPart("Refusals", refusals, "none", style),
    observed.length === 0 ? "" : await countsPart("Failed, and only observed", observed, "none", style),
    declined.length === 0 ? "" : await countsPart("Signals left without a size", declined, "none", style),
    await closestPart(closest, style),
    episodesPart(episodes, style),
    alerts.length === 0
      ? ""
      : `${style.bold("Alerts")}\n${alerts
          .map((a) => `  ${timeText(a.at)}  ${a.subject.replaceAll("_", " ")} ${a.observed} beyond ${a.level}\n`)
          .join("")}`,
  ];
  return parts.filter((part) => part !== "").join("\n");
}

function limitsPart({ limits, proof }: RiskExposure, style: Style): string {
  const title = style.bold("Limits");
  if (limits === null)
    return `${title}\n${wrapped("  not measured: the run's bars are not in the workspace any more; import them again, or keep to what the tape says below", WIDTH)}\n`;
  if (limits.length === 0) return `${title}\n  the policy limits nothing that can be measured\n`;
  const days = limits[0]?.sessions ?? [];
  const [first, last] = [days[0]?.session_day, days.at(-1)?.session_day];
  const about = `highest, newest; by session day${first === undefined ? "" : `, ${first} to ${last}`}`;
  const lines = limits.map((limit) => limitLines(limit, style)).join("");
  const proved = proof === null || proof.agreeing === proof.sessions ? "" : `${unproved(proof)}\n`;
  return `${title}  ${style.dim(about)}\n${lines}${proved}`;
}

function unproved({ sessions, agreeing }: { readonly sessions: number; readonly agreeing: number }): string {
  const says = `The account's risk state that these figures rest on is the tape's own at ${agreeing} of ${sessions} session closes; onetape replay RUN --verify tells whether the tape can be trusted.`;
  return wrapped(says, WIDTH);
}

function limitLines(limit: LimitUse, style: Style): string {
  const { what, highest, sessions } = limit;
  const name = limit.level === "kill" ? `${what}, kill level` : what;
  const newest = sessions.findLast((session) => session.newest !== null)?.newest ?? null;
  const shown = `  ${name.padEnd(30)} ${percentOf(highest).padStart(9)} ${percentOf(newest).padStart(9)}  ${barOf(highest)}`;
  const over = highest !== null && Number(highest.fraction) >= 1;
  const when = highest === null ? "" : `  ${style.dim(timeText(highest.at))}`;
  const words = `    ${limit.limit}${limit.enforced ? "" : ", observed only"}`;
  const gap = words.length + 2 + LINE + 18 <= WIDTH ? "  " : "\n    ";
  return `${over ? style.bad(shown.trimEnd()) : shown.trimEnd()}\n${style.dim(words)}${gap}${sparkline(sessions)}${when}\n`;
}

/** A bar of what was used of a limit, full at the limit. */
function barOf(use: Use | null): string {
  if (use === null) return "";
  const full = Math.min(BAR, Math.round(Number(use.fraction) * BAR));
  return `${"\u2588".repeat(full)}${"\u2591".repeat(BAR - full)}`;
}

/** The highest use of each session day, or of several where there are more than fit. */
function sparkline(sessions: readonly SessionUse[]): string {
  const per = Math.max(1, Math.ceil(sessions.length / LINE));
  const cells: string[] = [];
  for (let i = 0; i < sessions.length; i += per) {
    const uses = sessions.slice(i, i + per).flatMap(({ highest }) => (highest === null ? [] : [Number(highest.fraction)]));
    const most = Math.max(...uses);
    const level = Math.min(LEVELS.length - 1, Math.floor(most * LEVELS.length));
    cells.push(uses.length === 0 ? NOTHING : (LEVELS[Math.max(0, level)] ?? NOTHING));
  }
  return cells.join("");
}

async function countsPart(title: string, counts: readonly CodeCount[], none: string, style: Style): Promise<string> {
  if (counts.length === 0) return `${style.bold(title)}\n  ${none}\n`;
  const table = await renderTable(
    [{ title: "  code" }, { title: "count", numeric: true }, { title: "first" }, { title: "last" }],
    counts.map(({ code, count, first, last }) => [`  ${code}`, grouped(count), timeText(first), timeText(last)]),
    style,
  );
  return `${style.bold(title)}\n${table}`;
}

async function closestPart(closest: RiskExposure["closest"], style: Style): Promise<string> {
  const title = style.bold("Closest calls");
  if (closest.length === 0) return `${title}\n  no order was approved that uses a limit\n`;
  const lines = closest.map(({ fraction, at, side, qty, symbol, code, order_id, subject }) => {
    const text = `  ${percentText(fraction).padStart(8)}  ${timeText(at)}  ${order_id}${subject === "modification" ? " changed" : ""}, ${side} ${qty} ${symbol}`;
    return `${text}\n            ${style.dim(code)}\n`;
  });
  return `${title}  ${style.dim("approved orders and the limit that each used most")}\n${lines.join("")}`;
}

function episodesPart(episodes: RiskExposure["episodes"], style: Style): string {
  if (episodes.length === 0) return `${style.bold("Halts")}\n  neither the kill switch nor a daily freeze\n`;
  const lines = episodes.map((episode) => {
    const until = episode.to === null ? "to the end" : `to ${timeText(episode.to)}`;
    const name = episode.kind === "kill_switch" ? "kill switch" : "daily freeze";
    const says = wrapped(episodeWords(episode, timeText), WIDTH - 4).split("\n");
    return `  ${style.bold(name)}  ${timeText(episode.from)} ${until}\n${says.map((line) => `    ${line}\n`).join("")}`;
  });
  return `${style.bold("Halts")}\n${lines.join("")}`;
}

function percentOf(use: Use | null): string {
  return use === null ? "-" : percentText(use.fraction);
}

function percentText(fraction: string): string {
  return `${roundHalfEven(Number(fraction) * 100, 1).toFixed(1)} %`;
}

/** `2024-01-02 14:31`. */
function timeText(ts: number): string {
  return utcText(ts).slice(0, 16).replace("T", " ");
}
