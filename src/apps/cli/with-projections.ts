import { randomBytes } from "node:crypto";
import { systemClock } from "../../adapters/clock/system-clock.js";
import { sha256 } from "../../adapters/node-hash/sha256.js";
import { opsJournal } from "../../usecases/ops-log.js";
import { type FoundProjection, findProjection, type ProjectionPorts } from "../../usecases/workspace-projections.js";
import { openLogStores } from "../library/log-stores.js";
import type { CommandResult, Invocation } from "./command.js";
import { failureOf } from "./failure.js";

/** Gives work the projections of the workspace, and releases them afterwards. */
export async function withProjections(
  { io, settings }: Invocation,
  work: (ports: ProjectionPorts) => Promise<CommandResult>,
): Promise<CommandResult> {
  const { store, sessions, close } = openLogStores(settings);
  const journal = opsJournal(store, systemClock, sha256, ({ type }, why) => io.warn(`the ops log did not take ${type}: ${why}`));
  const owner = `process ${process.pid} ${randomBytes(6).toString("hex")}`;
  try {
    return await work({ store, sessions, hash: sha256, clock: systemClock, journal, owner });
  } finally {
    await close();
  }
}

/** Finds the projection that the command line names, and tells where there is none or more than one. */
export async function withProjection(
  invocation: Invocation,
  work: (ports: ProjectionPorts, found: Extract<FoundProjection, { kind: "found" }>) => Promise<CommandResult>,
): Promise<CommandResult> {
  const [name = ""] = invocation.args;
  const log = invocation.flags.text("log") ?? null;
  return withProjections(invocation, async (ports) => {
    const found = await findProjection(ports, name, log);
    if (found.kind === "found") return work(ports, found);
    const next = "onetape projections list";
    if (found.kind === "ambiguous") {
      const message = `${found.logs.length} logs have a projection ${name}`;
      const where = { field: "--log", value: "", expected: `one of ${found.logs.join(", ")}` };
      return { kind: "failed", failure: failureOf("USAGE", message, next, where) };
    }
    const there = found.known.length === 0 ? "there is no log with projections" : `there is ${found.known.join(", ")}`;
    const where = { field: "NAME", value: name, expected: "the name of a projection" };
    return { kind: "failed", failure: failureOf("NOT_FOUND", `there is no projection ${name}: ${there}`, next, where) };
  });
}
