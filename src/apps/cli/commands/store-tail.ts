import { systemClock } from "../../../adapters/clock/system-clock.js";
import type { TapeEvent } from "../../../core/tape/event.js";
import { LogWentBack, tailLog } from "../../../usecases/tail-log.js";
import type { CommandResult, Invocation } from "../command.js";
import { failureOf } from "../failure.js";
import { withLog } from "../with-logs.js";

/** Events that are shown without --limit. */
const SHOWN = 10;

export function run(invocation: Invocation): Promise<CommandResult> {
  const { flags, io, signal } = invocation;
  const types = flags.list("type");
  const follows = flags.on("follow");
  const rows = flags.on("ndjson") || (io.json && follows);
  return withLog(invocation, async (session) => {
    const request = {
      limit: flags.number("limit") ?? SHOWN,
      ...(types.length === 0 ? {} : { types }),
      ...(follows ? { follow: { clock: systemClock, signal } } : {}),
    };
    const items: unknown[] = [];
    try {
      for await (const event of tailLog(session, request)) {
        if (rows) await io.write(`${JSON.stringify(shown(event))}\n`);
        else if (io.json) items.push(shown(event));
        else await io.write(`${asLine(event, io)}\n`);
      }
    } catch (error) {
      if (!(error instanceof LogWentBack)) throw error;
      return { kind: "streamed", problem: failureOf("VERIFICATION_FAILED", error.message, `onetape store verify ${session.log}`) };
    }
    if (rows || !io.json) return { kind: "streamed" };
    return { kind: "done", json: { schema: "onetape.store-tail/1", log: session.log, items }, human: () => "" };
  });
}

function shown({ payload, ...event }: TapeEvent): object {
  const parsed: unknown = JSON.parse(payload);
  return { ...event, time: new Date(event.occurred_at).toISOString(), payload: parsed };
}

function asLine({ position, occurred_at, type, stream, payload }: TapeEvent, { out }: Invocation["io"]): string {
  const time = new Date(occurred_at).toISOString().slice(0, 19).replace("T", " ");
  return `${out.dim(String(position).padStart(8))}  ${time}  ${out.bold(type.padEnd(22))}  ${out.notice(stream)}  ${payload}`;
}
