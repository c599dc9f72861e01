import { describe, expect, test } from "vitest";
import { deposit, ledgerBlocks, ledgerCatalogue, MONDAY } from "../../../test/support/tape-fixture.js";
import { buildRegistry } from "../../core/tape/registry.js";
import { MemoryBackend, MemoryLog } from "../memory/memory-log.js";
import { sha256 } from "../node-hash/sha256.js";
import type { BackendFailureKind } from "./log-backend.js";
import { BackendFailure } from "./log-backend.js";
import { BackendLogSession } from "./log-session.js";

type Step = "begin" | "insert" | "commit" | "committed" | "publish";

/** A memory log whose next step fails once; `committed` fails after the commit was done, as a lost answer does. */
class FaultyBackend extends MemoryBackend {
  fail: { readonly step: Step; readonly kind: BackendFailureKind } | null = null;

  override begin(): ReturnType<MemoryBackend["begin"]> {
    this.#at("begin");
    return super.begin();
  }
  override insert(...args: Parameters<MemoryBackend["insert"]>): void {
    this.#at("insert");
    super.insert(...args);
  }
  override commit(): void {
    this.#at("commit");
    super.commit();
    this.#at("committed");
  }
  override publish(): void {
    this.#at("publish");
  }

  #at(step: Step): void {
    const fault = this.fail;
    if (fault?.step !== step) return;
    this.fail = null;
    throw new BackendFailure(fault.kind, `injected at ${step}`, null, undefined);
  }
}

function open(log: MemoryLog): { readonly backend: FaultyBackend; readonly session: BackendLogSession } {
  log.epoch += 1;
  const backend = new FaultyBackend(log);
  const session = new BackendLogSession({
    log: log.log,
    registry: buildRegistry(ledgerCatalogue),
    backend,
    epoch: log.epoch,
    durability: "durable",
    sha256,
    now: () => MONDAY,
  });
  return { backend, session };
}

const batch = (key: string) => [{ stream: "account/1", expected: "any", events: [deposit("run/one", key)] }] as const;

describe("a session whose machine fails", () => {
  test.each<[Step, BackendFailureKind, string, boolean]>([
    ["begin", "busy", "unavailable", false],
    ["begin", "io", "unavailable", true],
    ["insert", "full", "unavailable", true],
    ["insert", "constraint", "rejected", false],
    ["commit", "full", "unknown", true],
    ["commit", "io", "unknown", true],
    ["committed", "io", "unknown", true],
    ["publish", "full", "unknown", true],
  ])("at %s with %s answers %s, %s", async (step, kind, answer, poisoned) => {
    const log = new MemoryLog("run/one", "rows");
    const { backend, session } = open(log);
    expect(await session.append(batch("a"))).toMatchObject({ kind: "stored" });
    backend.fail = { step, kind };
    expect(await session.append(batch("b"))).toMatchObject({ kind: answer });
    const next = await session.append(batch("c"));
    expect(next.kind).toBe(poisoned ? "unavailable" : "stored");
    if (next.kind === "unavailable") expect(next.cause).toContain("reopen");

    const again = open(log).session;
    const retried = await again.append(batch("b"));
    // An answer that was lost after the commit is settled by the same ids: stored once, never twice, never a conflict.
    expect(retried.kind).toBe(step === "committed" || step === "publish" ? "duplicate" : "stored");
    expect(await again.append(batch("b"))).toMatchObject({ kind: "duplicate" });
    expect((await again.verify("L2")).failure).toBeNull();
  });

  test("in the middle of blocks leaves the log where it was, and the rerun reaches the head of a run that never failed", async () => {
    const blocks = ledgerBlocks(60, 20);
    const whole = new MemoryLog("run/one", "segments");
    for (const block of blocks) expect(await open(whole).session.appendBlock(block)).toMatchObject({ kind: "stored" });

    const broken = new MemoryLog("run/one", "segments");
    const { backend, session } = open(broken);
    for (const block of blocks.slice(0, 4)) await session.appendBlock(block);
    const before = session.head();
    backend.fail = { step: "insert", kind: "full" };
    const [, , , , fifth] = blocks;
    if (fifth === undefined) throw new Error("five blocks are needed");
    expect(await session.appendBlock(fifth)).toMatchObject({ kind: "unavailable" });
    expect(await session.appendBlock(fifth)).toMatchObject({ kind: "unavailable" });
    const again = open(broken).session;
    expect(again.head()).toEqual(before);
    for (const block of blocks.slice(4)) expect(await again.appendBlock(block)).toMatchObject({ kind: "stored" });
    expect(again.head()).toEqual(whole.standing.head);
  });
});

describe("appends of one turn", () => {
  test("share a commit, and each has its own answer", async () => {
    const { session } = open(new MemoryLog("run/one", "rows"));
    expect(await session.append(batch("a"))).toMatchObject({ kind: "stored" });
    const late = [{ stream: "account/1", expected: 7, events: [deposit("run/one", "late")] }];
    const answers = await Promise.all([
      session.append(batch("b")),
      session.append(batch("a")),
      session.append(batch("b")),
      session.append(late),
      session.append(batch("c")),
    ]);
    expect(answers.map((answer) => answer.kind)).toEqual(["stored", "duplicate", "duplicate", "version_conflict", "stored"]);
    expect(answers[3]).toMatchObject({ expected: 7, actual: 2 });
    expect((await session.anchors()).map(({ position }) => position)).toEqual([1, 3]);
    expect((await session.verify("L2")).failure).toBeNull();
  });

  test("do not lose each other when one of them breaks a constraint that only the store knows", async () => {
    const { backend, session } = open(new MemoryLog("run/one", "rows"));
    backend.fail = { step: "insert", kind: "constraint" };
    const answers = await Promise.all([session.append(batch("a")), session.append(batch("b"))]);
    expect(answers).toMatchObject([{ kind: "stored" }, { kind: "stored" }]);
  });

  test("all hear of a defect, and the next append is served", async () => {
    const { backend, session } = open(new MemoryLog("run/one", "rows"));
    const { begin } = backend;
    backend.begin = () => {
      backend.begin = begin;
      throw new TypeError("a bug");
    };
    const answers = await Promise.allSettled([session.append(batch("a")), session.append(batch("b"))]);
    expect(answers).toMatchObject([{ status: "rejected" }, { status: "rejected" }]);
    expect(await session.append(batch("a"))).toMatchObject({ kind: "stored" });
  });

  test("are stored before a close that comes after them", async () => {
    const { session } = open(new MemoryLog("run/one", "rows"));
    expect(await session.append(batch("first"))).toMatchObject({ kind: "stored" });
    const answers = [session.append(batch("a")), session.append(batch("b"))];
    await session.refresh();
    await session.close();
    expect((await Promise.all(answers)).map((answer) => answer.kind)).toEqual(["stored", "stored"]);
  });
});
