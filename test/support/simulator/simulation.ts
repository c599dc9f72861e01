/**
 * Random accidents under one seed around the production session, projections, outbox and engine.
 *
 * Sources send messages until they are acknowledged, over a network that loses, doubles, reorders and delays; a node stores them, folds them and
 * tells a desk of some; a strategy trades beside it as a session. Processes die, power fails, disks fill up, nodes are cut off and replaced,
 * the clock jumps. After every step the invariants are checked. Then the accidents end, and everything must come to its end.
 */
import { sha256 } from "../../../src/adapters/node-hash/sha256.js";
import type { AppendOutcome, LogSession, StreamBatch } from "../../../src/ports/event-store.js";
import type { Notification, Notifier } from "../../../src/ports/notifier.js";
import type { ProjectionStore } from "../../../src/ports/projection-store.js";
import { Outbox } from "../../../src/usecases/outbox.js";
import type { ProjectionWorker } from "../../../src/usecases/projection-worker.js";
import { InvariantBroken, Oracle } from "../oracle.js";
import { activeHead, balances, openProjections, replayed, worker } from "../projection-fixture.js";
import { seededRandom } from "../seeded-random.js";
import { deposit, MONDAY, openLog, readAll } from "../tape-fixture.js";
import { TradingNode } from "./trading-node.js";
import { type DiskFault, VirtualDisk, VirtualStore } from "./virtual-disk.js";

const LOG = "run/one";
const [SOURCES, MESSAGES] = [3, 8] as const;
/** Steps in which everything must have come to its end once nothing goes wrong any more. */
const PATIENCE = 4_000;

export interface SimulationOptions {
  readonly steps: number;
  /** A lie for the alarm: an unknown outcome is acknowledged; an effect is told of before its event is stored; or a message is stored under another id. */
  readonly canary?: "acknowledges_unknown" | "tells_first" | "forgets_the_id";
}

export interface SimulationReport {
  readonly faults: number;
  readonly deaths: number;
  readonly events: number;
  readonly told: number;
}

/** @throws {Error} naming the seed. */
export async function simulate(seed: number, options: SimulationOptions): Promise<SimulationReport> {
  const simulation = new Simulation(seed, options);
  try {
    return await simulation.run();
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new Error(
      `seed ${seed}, step ${simulation.step}: ${why} (again: ONETAPE_SEED=${seed} npm run test:chaos -- test/chaos/simulator.test.ts)`,
      {
        cause: error,
      },
    );
  }
}

interface Envelope {
  readonly to: "node" | "source";
  readonly source: number;
  readonly message: number;
  /** Of an answer. */
  readonly positions?: readonly number[];
}

interface Node {
  readonly session: LogSession;
  readonly derived: ProjectionStore;
  readonly worker: ProjectionWorker;
  readonly outbox: Outbox;
}

class Simulation {
  readonly #random: (below: number) => number;
  readonly #options: SimulationOptions;
  readonly #disk = new VirtualDisk();
  readonly #store: VirtualStore;
  readonly #oracle = new Oracle();
  readonly #trading: TradingNode;
  readonly #told: string[] = [];
  readonly #acknowledged = Array.from({ length: SOURCES }, () => new Set<number>());
  #network: Envelope[] = [];
  #node: Node | null = null;
  /** Nodes that were replaced and do not know it yet. */
  #zombies: Node[] = [];
  #partitioned = false;
  #deskLost: "nothing" | "question" | "answer" = "nothing";
  #now = MONDAY;
  #deaths = 0;
  #faults = 0;
  #safe = false;
  #checked = 0;
  step = 0;

  constructor(seed: number, options: SimulationOptions) {
    this.#random = seededRandom(seed);
    this.#options = options;
    this.#store = new VirtualStore(this.#disk, () => this.#now);
    this.#trading = new TradingNode(this.#store);
  }

  async run(): Promise<SimulationReport> {
    for (this.step = 1; this.step <= this.#options.steps; this.step++) {
      this.#accident();
      await this.#act();
      await this.#afterwards();
    }
    this.#safe = true;
    this.#disk.heal();
    this.#disk.reboot();
    this.#partitioned = false;
    this.#deskLost = "nothing";
    for (let patience = 0; !(await this.#finished()); patience++, this.step++) {
      if (patience > PATIENCE) throw new InvariantBroken("liveness", `after ${PATIENCE} calm steps ${await this.#unfinished()}`);
      await this.#act();
      await this.#afterwards();
    }
    const { events } = await this.#oracle.check(this.#store);
    if (new Set(this.#told).size !== this.#told.length) throw new InvariantBroken("I7", "somebody was told twice");
    return { faults: this.#faults + this.#disk.struck, deaths: this.#deaths, events: events.length, told: this.#told.length };
  }

  #one<T>(...of: readonly T[]): T {
    return of[this.#random(of.length)] as T;
  }

  #accident(): void {
    switch (this.#random(14)) {
      case 0: {
        const fault: DiskFault = {
          when: this.#one("before_write", "torn", "before_flush", "after_flush"),
          what: this.#one("kill", "power", "full", "io"),
        };
        this.#disk.arm(fault);
        return;
      }
      case 1:
        this.#die();
        if (this.#random(2) === 0) this.#disk.cutPower((below) => this.#random(below));
        return;
      case 2:
        // Another node takes over; the one that is cut off goes on as if nothing were.
        if (this.#node !== null) this.#zombies.push(this.#node);
        this.#node = null;
        this.#faults += 1;
        return;
      case 3:
        this.#partitioned = !this.#partitioned;
        this.#faults += 1;
        return;
      case 4:
        this.#now += this.#one(-86_400_000, -1, 0, 1, 60_000, 3_600_000);
        this.#faults += 1;
        return;
      case 5:
        this.#deskLost = this.#one("nothing", "question", "answer");
        return;
      case 6: {
        const kept: Envelope[] = [];
        for (const envelope of this.#network) kept.push(...Array.from({ length: this.#one(0, 1, 1, 2) }, () => envelope));
        this.#network = kept;
        this.#faults += 1;
        return;
      }
      default:
        this.#now += 7;
    }
  }

  async #act(): Promise<void> {
    switch (this.#random(6)) {
      case 0:
      case 1:
        return this.#send();
      case 2:
        return this.#deliver();
      case 3: {
        const node = await this.#running();
        // What it says of itself is no matter: what it left is checked.
        await node?.worker.step();
        return;
      }
      case 4:
        return this.#tell();
      default:
        await this.#trading.step();
        return;
    }
  }

  async #send(): Promise<void> {
    const source = this.#random(SOURCES);
    const acknowledged = this.#acknowledged[source] as Set<number>;
    const message = Array.from({ length: MESSAGES }, (_, n) => n).find((n) => !acknowledged.has(n));
    if (message !== undefined && this.#network.length < 40) this.#network.push({ to: "node", source, message });
    await this.#deliver();
  }

  async #deliver(): Promise<void> {
    if (this.#network.length === 0 || (this.#partitioned && !this.#safe)) return;
    const [envelope] = this.#network.splice(this.#random(this.#network.length), 1);
    if (envelope === undefined) return;
    const { to, source, message, positions } = envelope;
    const batches = this.#batchOf(source, message);
    if (to === "source") {
      this.#oracle.acknowledge(batches, positions ?? []);
      this.#acknowledged[source]?.add(message);
      return;
    }
    const zombie = this.#zombies.length > 0 && this.#random(2) === 0 ? this.#zombies.pop() : undefined;
    const node = zombie ?? (await this.#running());
    if (node === null) return;
    this.#oracle.submit(batches);
    const outcome = await this.#append(node, batches);
    // A process that died has answered nobody.
    if (this.#disk.down) return;
    const answered = outcome.kind === "stored" || outcome.kind === "duplicate" ? outcome.positions : null;
    if (answered !== null) this.#network.push({ to: "source", source, message, positions: answered });
    else if (this.#options.canary === "acknowledges_unknown" && outcome.kind === "unknown")
      this.#network.push({ to: "source", source, message, positions: [node.session.head().position + 1] });
    if (outcome.kind === "fenced" || outcome.kind === "unknown" || outcome.kind === "unavailable") {
      // Whoever is fenced or does not know stops; another start finds out.
      if (node === this.#node) this.#node = null;
    }
  }

  #append(node: Node, batches: readonly StreamBatch[]): Promise<AppendOutcome> {
    if (this.#options.canary !== "forgets_the_id") return node.session.append(batches);
    const renamed = batches.map((batch) => ({
      ...batch,
      events: batch.events.map((event) => ({ ...event, id: deposit(LOG, `${event.id} ${this.step}`).id })),
    }));
    this.#oracle.submit(renamed);
    return node.session.append(renamed);
  }

  #batchOf(source: number, message: number): readonly StreamBatch[] {
    const event = deposit(LOG, `${source}/${message}`, {
      payload: { amount: String(source * 100 + message) },
      source_at: MONDAY + message,
    });
    return [{ stream: `account/${source}`, expected: "any", events: [event] }];
  }

  /** The node, started where there is none; null where it did not start. */
  async #running(): Promise<Node | null> {
    if (this.#node !== null) return this.#node;
    try {
      const session = await openLog(this.#store);
      const derived = await openProjections(this.#store);
      const clock = { now: () => this.#now, wait: () => Promise.resolve() };
      const parts = {
        session,
        store: derived,
        clock,
        force: true,
        batch_events: 3,
        snapshots: { policy: { kind: "every", events: 5 }, keep: 2 },
      } as const;
      const outbox = await Outbox.open({ store: this.#store, clock, hash: sha256, notifiers: new Map([["desk", this.#desk]]) }, "hand");
      this.#node = { session, derived, worker: worker(balances, parts), outbox };
    } catch (error) {
      // The disk may fail while a process starts; then it starts again.
      if (this.#safe) throw error;
    }
    return this.#node;
  }

  readonly #desk: Notifier = {
    notify: async ({ id }) => {
      if (this.#deskLost === "question") return { kind: "unknown", cause: "no answer" };
      if (!this.#disk.isDurable(LOG, id)) throw new InvariantBroken("I7", `the desk was told of ${id}, which is not durable`);
      if (!this.#told.includes(id)) this.#told.push(id);
      else throw new InvariantBroken("I7", `the desk was told of ${id} twice`);
      return this.#deskLost === "answer" ? { kind: "unknown", cause: "no answer" } : { kind: "delivered" };
    },
    find: async (id) => (this.#deskLost !== "nothing" ? "unknown" : this.#told.includes(id) ? "delivered" : "absent"),
  };

  async #tell(): Promise<void> {
    const zombie = this.#zombies.length > 0 && this.#random(2) === 0 ? this.#zombies.pop() : undefined;
    const node = zombie ?? (await this.#running());
    if (node === null) return;
    const due = (await readAll(node.session)).filter(({ id }) => wanted(id));
    const early = this.#options.canary === "tells_first" ? [deposit(LOG, `2/${MESSAGES - 1}`).id] : [];
    const ids = [...early, ...due.map(({ id }) => id)];
    const intent = (id: string): Notification => ({ id, channel: "desk", about: "money.deposited", text: "" });
    try {
      await node.outbox.send(ids.map(intent));
    } catch (error) {
      if (error instanceof InvariantBroken) throw error;
      // An outbox that cannot be written sends nothing more; its process ends.
      if (node === this.#node) this.#node = null;
      if (this.#safe && zombie === undefined) throw error;
    }
  }

  #die(): void {
    this.#deaths += 1;
    this.#node = null;
    this.#zombies = [];
    this.#trading.die();
    this.#disk.reboot();
  }

  async #afterwards(): Promise<void> {
    if (this.#disk.down) this.#die();
    if (!this.#disk.has(LOG) || this.#disk.changes === this.#checked) return;
    this.#checked = this.#disk.changes;
    await this.#oracle.check(this.#store);
    const derived = await openProjections(this.#store);
    const head = await activeHead(derived, "balances");
    if (head !== null && head.position > 0) {
      const reader = await openLog(this.#store, { mode: "read" });
      const upTo = { ...reader, log: LOG, readLog: () => reader.readLog({ limit: head.position }) } as unknown as LogSession;
      const { state_hash, events } = await replayed(balances, upTo);
      if (head.state_hash !== state_hash || head.events !== events)
        throw new InvariantBroken("I5", `the projection at position ${head.position} is not one application of each event`);
    }
    await this.#trading.check();
  }

  async #finished(): Promise<boolean> {
    return (await this.#unfinished()) === "";
  }

  async #unfinished(): Promise<string> {
    if (this.#acknowledged.some(({ size }) => size < MESSAGES)) return "not every message is acknowledged";
    if (!this.#trading.finished) return "the session has not come to its end";
    const node = await this.#running();
    if (node === null) return "no node runs";
    const { position } = node.session.head();
    if ((await activeHead(node.derived, "balances"))?.position !== position) return "the projection is behind";
    const due = (await readAll(node.session)).filter(({ id }) => wanted(id)).map(({ id }) => id);
    return due.every((id) => this.#told.includes(id)) ? "" : "the desk was not told of everything";
  }
}

/** Some events ask for an effect. */
function wanted(id: string): boolean {
  return Number.parseInt(id.slice(-2), 16) % 3 === 0;
}
