import { sha256 } from "../../../adapters/node-hash/sha256.js";
import { renderTable } from "../../../adapters/terminal/table.js";
import { RISK_SESSION_LOGS } from "../../../core/session/risk-session-events.js";
import { type LogLevel, type VerifyLevel, verifyLog } from "../../../usecases/verify-log.js";
import { openToRead } from "../../../usecases/workspace-logs.js";
import type { CommandResult, Invocation } from "../command.js";
import { failure } from "../failure.js";
import { unreadable } from "../with-logs.js";
import { withRiskSession } from "../with-risk-session.js";

const LEVELS: readonly VerifyLevel[] = ["L1", "L2", "L3", "L4"];

export function run(invocation: Invocation): Promise<CommandResult> {
  const { args, flags, io } = invocation;
  const name = args[0] ?? "";
  const level = LEVELS.find((one) => one === flags.text("level")) ?? "L4";
  return withRiskSession(invocation, "read", async (session, { store }) => {
    const log = `${RISK_SESSION_LOGS}/${name}`;
    const opened = await openToRead(store, log);
    if (opened.session === null) return { kind: "failed", failure: unreadable(log, opened.why) };
    const progress = io.progress(`replay ${name}`, "events");
    const total = opened.session.head().position;
    try {
      const onProgress = (done: number): void => progress.update({ done, total, at: null });
      const { head, levels, verdict } = await verifyLog(opened.session, { level, hash: sha256, projections: store, onProgress });
      const failed = levels.find((one) => one.verdict === "failed");
      const problem = failed === undefined ? null : problemOf(failed, log);
      return {
        kind: "done",
        json: {
          schema: "onetape.session-replay/1",
          session: name,
          verified: verdict === "passed",
          level,
          head,
          state_hash: session.stateHash(),
          levels,
        },
        human: () => {
          progress.end();
          return renderTable(
            [{ title: "level" }, { title: "" }, { title: "checked", numeric: true }, { title: "" }],
            levels.map((one) => [
              one.level,
              one.verdict === "failed" ? io.out.bad("FAILED") : io.out.good("ok"),
              String(one.checked),
              one.message,
            ]),
            io.out,
          );
        },
        ...(problem === null ? {} : { problem }),
      };
    } finally {
      progress.end();
      await opened.session.close();
    }
  });
}

const SHOWN = 200;

function problemOf({ message, failure: fault }: LogLevel, log: string): ReturnType<typeof failure> {
  const cut = (text: string): string => (text.length > SHOWN ? `${text.slice(0, SHOWN)}…` : text);
  const values = fault === null ? {} : { value: cut(fault.actual), expected: cut(fault.expected) };
  return failure("VERIFICATION_FAILED", [{ code: "VERIFICATION_FAILED", message, field: log, ...values }], `onetape store tail ${log}`);
}
