/** What a paced paper session does outside, when its outbox fails or its process dies at the end. */
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { PaperBroker } from "../../src/adapters/paper-venue/paper-broker.js";
import { withPaperPorts } from "../../src/apps/library/paper-sessions.js";
import { openWorkspacePorts } from "../../src/apps/library/workspace.js";
import type { Broker } from "../../src/ports/broker.js";
import type { EventStore, LogSession } from "../../src/ports/event-store.js";
import { overlaid } from "../../src/usecases/overlaid.js";
import { type PaperOutcome, type PaperStanding, runPaperSession } from "../../src/usecases/paper-session.js";

const folder = mkdtempSync(join(tmpdir(), "onetape-effects-"));
const configPath = join(folder, "ema-cross/backtest.yaml");
const workspace = { home: join(folder, "home"), store: "sqlite" } as const;
/** Faster than bars are taken, and paced: effects leave the process. */
const PACED = 1e9;

beforeAll(() => {
  for (const name of ["ema-cross", "data"]) cpSync(join("examples", name), join(folder, name), { recursive: true });
  const config = readFileSync(configPath, "utf8");
  // Each bar is a durable commit: an hour and a half of them is enough for ten orders.
  const short = config
    .replace("fast: 12", "fast: 2")
    .replace("slow: 48", "slow: 5")
    .replace("timeframe: 1m\n", "timeframe: 1m\nto: 2024-01-02T16:00:00Z\n");
  if (short.length === config.length) throw new Error("the example's config reads otherwise now");
  writeFileSync(configPath, short);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A paced session over the workspace's own stores, or what a test makes of them. */
async function paper(session: string, broker: Broker, made: (sessions: EventStore) => EventStore = (own) => own): Promise<PaperOutcome> {
  const opened = openWorkspacePorts(workspace);
  try {
    return await withPaperPorts(opened, workspace, { speed: PACED, note: () => {} }, (ports) =>
      runPaperSession({ ...ports, broker, sessions: made(ports.sessions) }, { configPath, session, signal: new AbortController().signal }),
    );
  } finally {
    await opened.close();
  }
}

function completed(outcome: PaperOutcome): PaperStanding {
  if (outcome.kind !== "completed") throw new Error(JSON.stringify(outcome));
  return outcome.standing;
}

/** Replaces what sessions of logs with this prefix do. */
function overLogs(store: EventStore, prefix: string, over: (session: LogSession) => Partial<LogSession>): EventStore {
  const open: EventStore["open"] = async (options) => {
    const opened = await store.open(options);
    if (opened.kind !== "opened" || !options.log.startsWith(prefix)) return opened;
    return { kind: "opened", session: overlaid(opened.session, over(opened.session)) };
  };
  return overlaid(store, { open });
}

/** Its outbox takes so many events and no more. */
function withFullOutbox(store: EventStore, takes: number): EventStore {
  let taken = 0;
  return overLogs(store, "outbox/", (session) => ({
    append: (batches) => (++taken > takes ? Promise.resolve({ kind: "unavailable", cause: "the disk is full" }) : session.append(batches)),
  }));
}

describe("a paced paper session", () => {
  test("stops where its outbox takes nothing more, and the next one sends what had not left, in order", async () => {
    const broker = new PaperBroker();
    expect(await paper("full", broker, (own) => withFullOutbox(own, 5))).toMatchObject({
      kind: "stopped",
      cause: "the outbox took nothing: unavailable",
    });
    // An order is two events of its outbox, its attempt and its result: the third was attempted, and its result is not known.
    expect(broker.orders.length).toBe(3);
    const whole = completed(await paper("full", broker));
    expect(whole.resumed_from).toBeGreaterThan(0);
    const calm = new PaperBroker();
    completed(await paper("calm", calm));
    expect(broker.orders.length).toBe(whole.counts?.orders);
    expect(broker.orders.map(({ ticket }) => ticket.qty)).toEqual(calm.orders.map(({ ticket }) => ticket.qty));
  }, 120_000);

  test("that died at its end, before all had left, sends the rest when it is asked for again, and has ended all the same", async () => {
    const calm = new PaperBroker();
    const { head } = completed(await paper("whole", calm));
    const held: { tape?: LogSession } = {};
    const holding = (own: EventStore): EventStore =>
      overLogs(own, "session/", (session) => {
        held.tape = session;
        return {};
      });
    const dying: Broker = overlaid(new PaperBroker() as Broker, {
      submit: async () => {
        while ((held.tape?.head().position ?? 0) < head.position) await new Promise((resolve) => setTimeout(resolve, 5));
        throw new Error("the process died");
      },
    });
    expect(await paper("late", dying, holding)).toMatchObject({ kind: "stopped", cause: "the process died" });
    const broker = new PaperBroker();
    expect(await paper("late", broker)).toMatchObject({ kind: "invalid", violations: [{ code: "SESSION_ENDED" }] });
    expect(broker.orders.length).toBe(calm.orders.length);
    expect(await paper("late", broker)).toMatchObject({ kind: "invalid", violations: [{ code: "SESSION_ENDED" }] });
    expect(broker.orders.length).toBe(calm.orders.length);
  }, 120_000);
});
