import { systemClock } from "../../adapters/clock/system-clock.js";
import type { Style } from "../../adapters/terminal/style.js";
import { renderPairs, renderTable } from "../../adapters/terminal/table.js";
import { grouped } from "../../core/numeric/grouped.js";
import type { SessionStanding } from "../../core/projections/session-fold.js";
import { findSession, type SessionWatch } from "../../usecases/show-session.js";
import { sessionTapes } from "../library/paper-sessions.js";
import type { CommandResult, Invocation, JsonDocument } from "./command.js";
import { failureOf } from "./failure.js";

/** Shows the session that a word names, or null where it names none. */
export async function showSession({ args, flags, io, settings, signal }: Invocation): Promise<CommandResult | null> {
  const name = args[0] ?? "";
  const sessions = sessionTapes(settings);
  try {
    const found = await findSession(sessions, name);
    if (found.kind === "not_found") return null;
    if (found.kind === "unusable")
      return {
        kind: "failed",
        failure: failureOf("STORE_UNAVAILABLE", `the tape of ${name} cannot be read: ${found.why}`, "onetape doctor"),
      };
    return flags.on("follow") ? await follow(found.watch, { io, signal }) : await once(found.watch, name, io.out);
  } finally {
    await sessions.close();
  }
}

async function once(watch: SessionWatch, name: string, style: Style): Promise<CommandResult> {
  const standing = await watch.look();
  if (standing === null)
    return {
      kind: "failed",
      failure: failureOf("NOT_FOUND", `the session ${name} has not begun`, `onetape paper CONFIG --replay latest --session ${name}`),
    };
  return {
    kind: "done",
    json: document(standing),
    human: () => renderSession(standing, style),
    next: standing.status === "open" ? [`onetape runs show ${name} --follow`] : [],
  };
}

/** A line of JSON, or of text, each time the tape has moved. */
async function follow(watch: SessionWatch, { io, signal }: Pick<Invocation, "io" | "signal">): Promise<CommandResult> {
  let last: SessionStanding | null = null;
  for await (const standing of watch.follow(systemClock, signal)) {
    last = standing;
    await io.write(io.json ? `${JSON.stringify(document(standing))}\n` : `${lineOf(standing)}\n`);
  }
  if (last !== null && !io.json) await io.write(`\n${await renderSession(last, io.out)}`);
  return { kind: "streamed" };
}

function document(standing: SessionStanding): JsonDocument {
  return { schema: "onetape.session/1", ...standing };
}

function lineOf({ last_bar_ts, position, equity, currency, counts, positions, status, kill_switch }: SessionStanding): string {
  const at = last_bar_ts === null ? "before the first bar" : timeText(last_bar_ts);
  const held = positions.map(({ symbol, qty }) => `${qty} ${symbol}`).join(", ");
  const halted = kill_switch.status === "tripped" ? "  KILL SWITCH" : "";
  return `${at}  event ${grouped(position)}  equity ${equity} ${currency}  ${grouped(counts.fills)} fills  ${held === "" ? "flat" : held}${halted}${status === "open" ? "" : `  ${status}`}`;
}

async function renderSession(standing: SessionStanding, style: Style): Promise<string> {
  const { session, mode, strategy, status, bars, last_bar_ts, counts, cash, equity, currency, position, head_hash, kill_switch } = standing;
  const about = renderPairs(
    [
      ["session", `${style.bold(session)}  ${mode}, ${status === "failed" ? style.bad(status) : status}`],
      ["strategy", `${strategy.name} ${strategy.version}`],
      ["bars", `${grouped(bars)}${last_bar_ts === null ? "" : `, newest closed ${timeText(last_bar_ts)}`}`],
      ["made", `${grouped(counts.signals)} signals, ${grouped(counts.orders)} orders, ${grouped(counts.fills)} fills`],
      ["equity", `${equity} ${currency}, of which cash ${cash}`],
      ...(kill_switch.status === "tripped"
        ? [["kill switch", style.bad(`tripped ${timeText(kill_switch.tripped_at)}: ${kill_switch.reason}`)] as const]
        : []),
      ["tape", `${grouped(position)} events, head ${head_hash.slice(0, 16)}`],
    ],
    style,
  );
  const positions = await renderTable(
    [
      { title: "position" },
      { title: "quantity", numeric: true },
      { title: "last", numeric: true },
      { title: "open P&L", numeric: true },
      { title: "realised", numeric: true },
    ],
    standing.positions.map((p) => [p.symbol, p.qty, p.last_price ?? "", p.unrealized_pnl, p.realized_pnl]),
    style,
  );
  const orders = await renderTable(
    [
      { title: "open order" },
      { title: "symbol" },
      { title: "side" },
      { title: "type" },
      { title: "quantity", numeric: true },
      { title: "status" },
    ],
    Object.entries(standing.open_orders).map(([id, order]) => {
      const told = order as { readonly [field: string]: string };
      return [id, told["symbol"] ?? "", told["side"] ?? "", told["order_type"] ?? "", told["qty"] ?? "", told["status"] ?? ""];
    }),
    style,
  );
  return [
    about,
    ...(standing.positions.length === 0 ? [] : [positions]),
    ...(Object.keys(standing.open_orders).length === 0 ? [] : [orders]),
  ].join("\n");
}

function timeText(ts: number): string {
  return new Date(ts).toISOString().replace("T", " ").slice(0, 16);
}
