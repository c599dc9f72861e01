import { sha256 } from "../../../adapters/node-hash/sha256.js";
import { diffRuns, type RunDiff } from "../../../usecases/diff-runs.js";
import type { CommandResult, Invocation } from "../command.js";
import { failure, failureOf } from "../failure.js";
import { findTape } from "../find-tape.js";
import { diffDocument, diffHeadline, renderDiff } from "../render-diff.js";

export async function run({ args, flags, io, settings }: Invocation): Promise<CommandResult> {
  const [one, other] = args;
  if (one === undefined || other === undefined || args.length > 2) {
    const message = `a diff compares two runs; ${args.length} given`;
    return { kind: "failed", failure: failureOf("USAGE", message, "onetape diff --help", { field: "RUN", expected: "two runs" }) };
  }
  const left = await findTape(settings, one);
  if (left.kind === "failed") return left;
  try {
    const right = await findTape(settings, other);
    if (right.kind === "failed") return right;
    try {
      return toResult(await diffRuns({ hash: sha256 }, left.tape, right.tape), flags.on("full"), io);
    } finally {
      await right.close();
    }
  } finally {
    await left.close();
  }
}

function toResult(diff: RunDiff, full: boolean, io: Invocation["io"]): CommandResult {
  const json = diffDocument(diff, full);
  const human = (): string => renderDiff(diff, io.out, full);
  if (diff.damage.length > 0) {
    const details = diff.damage.map(({ side, message }) => ({ code: "VERIFICATION_FAILED", message, field: diff[side].name }));
    const damaged = diff.damage[0]?.side ?? "left";
    return { kind: "done", json, human, problem: failure("VERIFICATION_FAILED", details, `onetape verify ${diff[damaged].name}`) };
  }
  if (diff.verdict === "identical") return { kind: "done", json, human };
  const longer = diff.prefix === "left" ? diff.right : diff.left;
  const next = diff.first === null ? `onetape runs show ${diff.left.name}` : `onetape events ${longer.name} --limit 20`;
  return { kind: "done", json, human, problem: failureOf("DIVERGED", diffHeadline(diff), next) };
}
