/** What a session does outside: it tells people and hands orders to the broker, each through its outbox and only for events that are durable. */
import { policyInForce } from "../core/engine/policy-in-force.js";
import type { EventBlock } from "../core/tape/block.js";
import type { Sha256Fn } from "../core/tape/hash.js";
import type { Broker } from "../ports/broker.js";
import type { LogSession } from "../ports/event-store.js";
import { OrderIntents } from "./order-intents.js";
import { Outbox, type OutboxPorts } from "./outbox.js";
import type { PreparedRun } from "./prepare-run.js";
import { notificationsIn, requestedNotifications } from "./session-notifications.js";
import { orderEffect, type SendingPorts } from "./session-orders.js";

export interface SessionEffectPorts extends OutboxPorts {
  readonly broker: Broker;
}

export class SessionEffects {
  readonly #outbox: Outbox;
  readonly #sending: SendingPorts;
  readonly #intents: OrderIntents;
  readonly #hash: Sha256Fn;
  readonly #log: string;
  /** Events that were on the tape when the session began: what they tell is begun at once. */
  readonly #told: number;

  private constructor(outbox: Outbox, sending: SendingPorts, tape: LogSession, hash: Sha256Fn) {
    this.#outbox = outbox;
    this.#sending = sending;
    this.#intents = new OrderIntents(tape.log, hash);
    this.#hash = hash;
    this.#log = tape.log;
    this.#told = tape.head().position;
  }

  /** Begins what the tape asked for and an earlier process did not do. @throws {OutboxUnusable} */
  static async open(ports: SessionEffectPorts, { config }: PreparedRun, tape: LogSession, session: string): Promise<SessionEffects> {
    const { broker, hash } = ports;
    // What stands on a tape approves orders.
    const verified = tape.head().position === 0 || (await tape.verify("L2")).failure === null;
    const sending = { broker, tape, hash, policy_sha256: policyInForce(config, hash), verified };
    const requested = await requestedNotifications(tape);
    const outbox = await Outbox.open(ports, session);
    outbox.begin(outbox.telling(requested));
    return new SessionEffects(outbox, sending, tape, hash);
  }

  /** Why nothing can be done outside any more, or null. */
  get failure(): Error | null {
    return this.#outbox.failure;
  }

  /** Begins what a durable block asks for and waits for none of it. What was done before is passed over by the outbox. */
  follow(block: EventBlock): void {
    const from = Math.max(0, this.#told - block.first_position + 1);
    if (from < block.count) this.#outbox.begin(this.#outbox.telling(notificationsIn(block, this.#log, from, this.#hash)));
    this.#outbox.begin(this.#intents.follow(block).map((intent) => orderEffect(this.#sending, intent)));
  }

  /** Waits for what was begun. */
  close(): Promise<void> {
    return this.#outbox.close();
  }
}
