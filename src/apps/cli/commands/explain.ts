import { type ExplainOrderOutcome, isOrderId } from "../../../usecases/explain-order.js";
import { type ExplainOutcome, explainRun } from "../../../usecases/explain-run.js";
import { explainSessionOrder } from "../../../usecases/explain-session-order.js";
import { openSession } from "../../../usecases/recorded-session.js";
import type { CommandResult, Invocation } from "../command.js";
import { failureOf } from "../failure.js";
import { findRun } from "../find-run.js";
import { explainDocument, renderExplanation } from "../render-explain.js";
import { withSessions } from "../with-sessions.js";

export async function run({ args, flags, io, settings, signal }: Invocation): Promise<CommandResult> {
  const [name = "", what = ""] = args;
  const limit = flags.number("limit");
  const progress = io.progress("explain", "events");
  return withSessions(settings, async (ports): Promise<CommandResult> => {
    if (isOrderId(what)) {
      const ofSession = await explainSessionOrder(ports, { session: name, orderId: what, signal });
      if (ofSession !== null) return told(outcomeOf(ofSession, name), name, what, io, SESSION_NEXT);
    } else {
      const opened = await openSession(ports.sessions, name);
      if (opened.kind === "opened") await opened.tape.close();
      if (opened.kind !== "none") return ordersAlone(name, what);
    }
    const found = await findRun(ports.runs, name);
    if (found.kind === "failed") return found;
    const { run } = found;
    const total = run.manifest.tape.head_position;
    const outcome = await explainRun(ports, {
      run,
      what,
      ...(limit === undefined ? {} : { limit }),
      onProgress: (done) => progress.update({ done, total, at: null }),
      signal,
    });
    progress.end();
    return told(outcome, run.name, what, io, RUN_NEXT);
  }).finally(() => progress.end());
}

function outcomeOf(outcome: ExplainOrderOutcome, run: string): ExplainOutcome {
  return outcome.kind === "order" ? { kind: "explained", run, explanation: outcome } : outcome;
}

function ordersAlone(name: string, what: string): CommandResult {
  const message = `${name} is a session: its orders can be explained; metrics, trades and session days are those of runs`;
  const rest = { field: "WHAT", value: what, expected: "an order such as O1" };
  return { kind: "failed", failure: failureOf("USAGE", message, `onetape orders export ${name}`, rest) };
}

/** Commands that go on from an explanation: the events behind it, and what examines a tape that contradicts itself. */
interface Next {
  readonly events: string;
  readonly verify: string;
}

const RUN_NEXT: Next = { events: "onetape events", verify: "onetape verify" };
const SESSION_NEXT: Next = { events: "onetape store tail", verify: "onetape store verify --level L4" };

function told(outcome: ExplainOutcome, name: string, what: string, { out }: Invocation["io"], next: Next): CommandResult {
  switch (outcome.kind) {
    case "explained": {
      const { explanation } = outcome;
      return {
        kind: "done",
        json: explainDocument(outcome.run, explanation),
        human: () => renderExplanation(explanation, out),
        next: [`${next.events} ${name}`],
      };
    }
    case "unknown":
      return {
        kind: "failed",
        failure: failureOf("NOT_FOUND", outcome.message, isOrderId(what) ? `onetape orders export ${name}` : `onetape runs show ${name}`, {
          field: "WHAT",
          value: what,
          expected: "a metric, a table, trade:N, an order or a session date",
        }),
      };
    case "differs":
      return { kind: "failed", failure: failureOf("VERIFICATION_FAILED", outcome.message, `${next.verify} ${name}`, { field: name }) };
    case "unreadable":
      return { kind: "failed", failure: failureOf("STORE_UNAVAILABLE", outcome.message, `${next.verify} ${name}`, { field: name }) };
  }
}
