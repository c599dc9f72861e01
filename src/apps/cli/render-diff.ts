import type { Style } from "../../adapters/terminal/style.js";
import { renderPairs } from "../../adapters/terminal/table.js";
import { grouped } from "../../core/numeric/grouped.js";
import type { Json, JsonObject } from "../../core/tape/event.js";
import type { JsonDifference } from "../../core/tape/json-difference.js";
import type { BarText } from "../../usecases/diff-bars.js";
import type { FirstDifference, RunDiff } from "../../usecases/diff-runs.js";
import type { ReadEvent } from "../../usecases/read-run-events.js";
import type { JsonDocument } from "./command.js";

/** Places shown of a list; `--full` and `--json` have all. */
const SHOWN = 12;

/** What `--json` prints; the whole states only with `--full`. */
export function diffDocument(diff: RunDiff, full: boolean): JsonDocument {
  const { first } = diff;
  const document = { schema: "onetape.diff/1", identical: diff.verdict === "identical", ...diff };
  if (full || first === null || first.states.kind === "unknown") return document;
  const { before, after, changed, kind } = first.states;
  const states = { kind, before: { differences: before.differences }, after: { differences: after.differences }, changed };
  return { ...document, first: { ...first, states } };
}

/** The verdict in one line. */
export function diffHeadline(diff: RunDiff): string {
  const { verdict, first, left, right, common } = diff;
  switch (verdict) {
    case "identical":
      return `identical: ${grouped(left.events)} events, content ${left.content_hash}`;
    case "prefix": {
      const [short, long] = diff.prefix === "left" ? [left, right] : [right, left];
      return `${short.name} is the beginning of ${long.name}: equal for ${grouped(common.position)} events, then it has ended and ${long.name} goes on`;
    }
    case "inputs_only":
      return `different inputs, the same ${grouped(diff.common_decisions ?? 0)} decisions`;
    case "parted": {
      const event = first?.left ?? first?.right ?? null;
      const what = event === null ? "" : `${event.type} at ${timeOf(event)}`;
      const same = diff.common_decisions === null ? `${grouped(common.position)} events` : `${grouped(diff.common_decisions)} decisions`;
      return `the runs part after ${same}: position ${positionsOf(first)}, ${what}`;
    }
  }
}

/** The whole comparison for people. */
export function renderDiff(diff: RunDiff, style: Style, full: boolean): string {
  const { verdict, left, right, inputs, data, echoes, first, search, damage } = diff;
  const side = ({ name, events, content_hash }: RunDiff["left"]): string =>
    `${style.bold(name)}  ${grouped(events)} events, content ${content_hash.slice(0, 16)}`;
  const blocks = [
    renderPairs(
      [
        ["left", side(left)],
        ["right", side(right)],
      ],
      style,
    ),
    `${verdict === "identical" ? style.good(diffHeadline(diff)) : style.bad(diffHeadline(diff))}\n`,
  ];
  if (damage.length > 0)
    blocks.push(
      titled(
        "damaged",
        damage.map((d) => [diff[d.side].name, d.message]),
        style,
      ),
    );
  if (inputs.length > 0 || data.length > 0) {
    const rows = inputs.map(({ area, path, ...sides }): Pair => [`${area} ${path}`, sidesOf(sides, full)]);
    const bars = data.map((d): Pair => [`data ${d.symbol}`, `first bar that differs: ${barsInWords(d.left, d.right)}`]);
    blocks.push(titled("different inputs", [...rows, ...bars], style));
  }
  if (echoes.length > 0) {
    const rows = echoes.map((e): Pair => [`${e.type} ${e.path}`, `from position ${e.left_position} | ${e.right_position}`]);
    blocks.push(titled("differs because the inputs do, not counted as a decision", rows, style));
  }
  if (first !== null) blocks.push(...firstDifference(first, diff.common_decisions !== null, style, full));
  blocks.push(style.dim(`${search.comparisons} comparisons of content hashes, ${grouped(search.events_read)} events read\n`));
  return blocks.join("\n");
}

type Pair = readonly [string, string];

function firstDifference(first: FirstDifference, decisions: boolean, style: Style, full: boolean): readonly string[] {
  const { left, right, fields, paths, cause, bar, states } = first;
  const event: Pair[] = [["position", positionsOf(first)]];
  event.push(["type", sidesInWords(left?.type, right?.type)]);
  event.push(["event time", sidesInWords(left === null ? undefined : timeOf(left), right === null ? undefined : timeOf(right))]);
  event.push(["left", left === null ? "the tape has ended" : JSON.stringify(left.payload)]);
  event.push(["right", right === null ? "the tape has ended" : JSON.stringify(right.payload)]);
  if (fields.length > 0) event.push(["differs in", fields.join(", ")]);
  const blocks = [titled(decisions ? "first decision that differs" : "first event that differs", event, style)];
  if (paths.length > 0) blocks.push(titled("where the payloads differ", differenceRows(paths, full), style));
  const behind: Pair[] = [];
  if (cause !== null)
    behind.push([
      "common cause",
      `${cause.left.type} at position ${sidesInWords(String(cause.left.position), String(cause.right.position))}${subjectOf(cause.left.payload)}`,
    ]);
  if (bar !== null) behind.push([`bar of ${bar.symbol}`, barsInWords(bar.left, bar.right)]);
  if (behind.length > 0) blocks.push(titled("behind it", behind, style));
  blocks.push(...stateBlocks(states, style, full));
  return blocks;
}

function stateBlocks(states: FirstDifference["states"], style: Style, full: boolean): readonly string[] {
  if (states.kind === "unknown") return [titled("trading state", [["unknown", states.reason]], style)];
  const { before, after, changed } = states;
  const same: Pair[] = [["", "equal"]];
  const rows = (differences: readonly JsonDifference[]): readonly Pair[] =>
    differences.length === 0 ? same : differenceRows(differences, full);
  const moved = (differences: readonly JsonDifference[]): string =>
    differences.length === 0
      ? "nothing"
      : differences
          .map((d) => `${d.path} ${textOf(d.left, full)} -> ${textOf(d.right, full)}`)
          .slice(0, full ? undefined : SHOWN)
          .join(", ");
  const blocks = [
    titled("trading state before", rows(before.differences), style),
    titled(
      "trading state after",
      [...rows(after.differences), ["left changed", moved(changed.left)], ["right changed", moved(changed.right)]],
      style,
    ),
  ];
  if (full)
    blocks.push(
      titled(
        "whole states",
        [
          ["left before", JSON.stringify(before.left)],
          ["right before", JSON.stringify(before.right)],
          ["left after", JSON.stringify(after.left)],
          ["right after", JSON.stringify(after.right)],
        ],
        style,
      ),
    );
  return blocks;
}

function differenceRows(differences: readonly JsonDifference[], full: boolean): readonly Pair[] {
  const shown = full ? differences : differences.slice(0, SHOWN);
  const rows = shown.map(({ path, ...sides }): Pair => [path === "" ? "(whole)" : path, sidesOf(sides, full)]);
  const more = differences.length - shown.length;
  return more > 0 ? [...rows, ["", `and ${more} more; --full shows all`]] : rows;
}

function titled(title: string, pairs: readonly Pair[], style: Style): string {
  return `${style.bold(title)}\n${renderPairs(
    pairs.map(([name, value]) => [`  ${name}`, value]),
    style,
  )}`;
}

function sidesOf(sides: { readonly left?: Json; readonly right?: Json }, full: boolean): string {
  return `${textOf(sides.left, full)} | ${textOf(sides.right, full)}`;
}

function textOf(value: Json | undefined, full: boolean): string {
  if (value === undefined) return "absent";
  const text = JSON.stringify(value);
  return full || text.length <= 100 ? text : `${text.slice(0, 97)}...`;
}

function sidesInWords(left: string | undefined, right: string | undefined): string {
  return left === right ? (left ?? "") : `${left ?? "ended"} | ${right ?? "ended"}`;
}

function positionsOf(first: FirstDifference | null): string {
  const [left, right] = [first?.left?.position, first?.right?.position];
  return sidesInWords(left === undefined ? undefined : String(left), right === undefined ? undefined : String(right));
}

function barsInWords(left: BarText | null, right: BarText | null): string {
  if (left === null && right === null) return "not in the workspace";
  if (left === null || right === null) return `${barInWords(left)} | ${barInWords(right)}`;
  const differing = (["ts", "open", "high", "low", "close", "volume"] as const).filter((field) => left[field] !== right[field]);
  if (differing.length === 0) return barInWords(left);
  return `${barInWords(left)} | ${differing.map((field) => (field === "ts" ? iso(right.ts) : `${field} ${right[field]}`)).join(" ")}`;
}

function barInWords(bar: BarText | null): string {
  if (bar === null) return "none";
  return `${iso(bar.ts)} open ${bar.open} high ${bar.high} low ${bar.low} close ${bar.close} volume ${bar.volume}`;
}

/** What an input is about, where its payload says so. */
function subjectOf({ symbol, session }: JsonObject): string {
  return typeof symbol === "string" && typeof session === "string" ? `, ${symbol} ${session}` : "";
}

function timeOf({ occurred_at }: Pick<ReadEvent, "occurred_at">): string {
  return iso(occurred_at);
}

function iso(ts: number): string {
  return new Date(ts).toISOString();
}
