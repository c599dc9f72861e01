import { runCatalogue } from "../../../core/engine/run-event-schemas.js";
import { grouped } from "../../../core/numeric/grouped.js";
import { nearestName } from "../../../core/quality/nearest-name.js";
import type { StoredRun } from "../../../ports/run-store.js";
import { type ReadEvent, readRunEvents } from "../../../usecases/read-run-events.js";
import type { CommandResult, Invocation } from "../command.js";
import { runPorts } from "../compose-runs.js";
import { failure } from "../failure.js";
import { findRun } from "../find-run.js";

/** Events that people get without --limit; programs get all. */
const SHOWN = 50;

export async function run(invocation: Invocation): Promise<CommandResult> {
  const { args, flags, settings } = invocation;
  const unknown = flags.list("type").filter((type) => !runCatalogue.definitions.some((definition) => definition.type === type));
  if (unknown.length > 0) return { kind: "failed", failure: failure("USAGE", unknown.map(unknownType), "onetape events --help") };
  const ports = runPorts(settings.home);
  const found = await findRun(ports.runs, args[0] ?? "");
  if (found.kind === "failed") return found;
  const types = flags.list("type");
  const stream = flags.text("stream");
  const filter = { ...(types.length === 0 ? {} : { types }), ...(stream === undefined ? {} : { stream }) };
  return print(invocation, found.run, readRunEvents(ports, found.run, filter));
}

function unknownType(type: string): { readonly code: string; readonly message: string; readonly field: string; readonly value: string } {
  const known = runCatalogue.definitions.map((definition) => definition.type);
  const near = nearestName(type, known);
  const hint = near === null ? `; known are ${known.join(", ")}` : `; did you mean ${near}?`;
  return { code: "USAGE", message: `there is no event type ${type}${hint}`, field: "--type", value: type };
}

async function print({ flags, io, signal }: Invocation, run: StoredRun, events: AsyncIterable<ReadEvent>): Promise<CommandResult> {
  const rows = flags.on("ndjson");
  const document = io.json && !rows;
  const limit = flags.number("limit") ?? (rows || document ? Number.POSITIVE_INFINITY : SHOWN);
  const from = flags.number("from") ?? Number.NEGATIVE_INFINITY;
  const to = flags.number("to") ?? Number.POSITIVE_INFINITY;
  const total = run.manifest.tape.head_position;
  const lines = new Lines((text) => io.write(text));
  let count = 0;
  let more = false;
  if (document) await lines.add(`{"schema":"onetape.events/1","run":${JSON.stringify(run.name)},"items":[`);
  for await (const event of events) {
    if (event.occurred_at < from || event.occurred_at > to) continue;
    if (count >= limit) {
      more = true;
      break;
    }
    if (signal.aborted) break;
    await lines.add(rows ? `${asJson(event)}\n` : document ? `${count === 0 ? "" : ","}${asJson(event)}` : `${asLine(event, io)}\n`);
    count += 1;
  }
  if (document) await lines.add(`],"count":${count},"more":${more},"head_position":${total}}\n`);
  await lines.flush();
  if (!rows && !document && more) io.note(`${grouped(count)} of ${grouped(total)} events; --limit N shows more, --ndjson all`);
  return { kind: "streamed" };
}

/** Gathers lines so that a million events are not a million writes. */
class Lines {
  readonly #write: (text: string) => Promise<void>;
  #pending = "";

  constructor(write: (text: string) => Promise<void>) {
    this.#write = write;
  }

  async add(text: string): Promise<void> {
    this.#pending += text;
    if (this.#pending.length > 65_536) await this.flush();
  }

  async flush(): Promise<void> {
    const text = this.#pending;
    this.#pending = "";
    if (text !== "") await this.#write(text);
  }
}

function asJson(event: ReadEvent): string {
  return JSON.stringify({ ...event, time: new Date(event.occurred_at).toISOString() });
}

function asLine({ position, occurred_at, type, stream, payload }: ReadEvent, { out }: Invocation["io"]): string {
  const time = new Date(occurred_at).toISOString().slice(0, 19).replace("T", " ");
  return `${out.dim(String(position).padStart(8))}  ${time}  ${out.bold(type.padEnd(22))}  ${out.notice(stream)}  ${JSON.stringify(payload)}`;
}
