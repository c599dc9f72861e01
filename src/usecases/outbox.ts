/**
 * Does outside what durable events ask for: at most once for each intent whose channel can tell what it has done.
 *
 * The attempt is durable before the call and its result after it. After a restart, an attempt without a result is looked up, never made again blindly.
 */
import { OutboxState } from "../core/session/outbox.js";
import { type OutboxEvent, outboxCatalogue } from "../core/session/outbox-events.js";
import { eventId } from "../core/tape/event-id.js";
import type { Sha256Fn } from "../core/tape/hash.js";
import type { Clock } from "../ports/clock.js";
import type { EventStore, LogSession } from "../ports/event-store.js";
import type { Notification, Notifier, NotifyOutcome } from "../ports/notifier.js";

/** What an attempt came to. `failed` may be tried again; of `unknown` nobody can say whether it had its effect. */
export type EffectOutcome = NotifyOutcome;

/** Something that a durable event asks to be done outside. */
export interface Effect {
  /** Id of the event that asks for it. */
  readonly id: string;
  /** Effects of one channel are done in order. */
  readonly channel: string;
  attempt(): Promise<EffectOutcome>;
  /** Whether it was done: how an attempt without a result is settled. */
  find(): Promise<"delivered" | "absent" | "unknown">;
  /** Done in place of an attempt where an earlier process delivered it to somebody who lived in that process, and is told again of it. */
  again?(): Promise<void>;
}

export interface OutboxPorts {
  readonly store: EventStore;
  readonly clock: Clock;
  readonly hash: Sha256Fn;
  /** By channel. */
  readonly notifiers: ReadonlyMap<string, Notifier>;
}

/** Waits between attempts of one intent: four attempts in all. */
const WAITS_MS: readonly number[] = [250, 500, 1_000];

/** The outbox cannot be read or written: then nothing is sent, because what was sent would be forgotten. */
export class OutboxUnusable extends Error {
  override readonly name = "OutboxUnusable";
}

/** The log of a session's outbox. */
export function outboxLog(session: string): string {
  return `outbox/${session}`;
}

export class Outbox {
  readonly #ports: OutboxPorts;
  readonly #log: LogSession;
  readonly #state: OutboxState = new OutboxState();
  /** What is being done, by channel. A channel whose lane failed does nothing more. */
  readonly #lanes = new Map<string, Promise<void>>();
  #failure: Error | null = null;

  private constructor(ports: OutboxPorts, log: LogSession) {
    this.#ports = ports;
    this.#log = log;
  }

  /** @throws {OutboxUnusable} */
  static async open(ports: OutboxPorts, session: string): Promise<Outbox> {
    const opened = await ports.store.open({
      log: outboxLog(session),
      catalogue: outboxCatalogue,
      mode: "write",
      layout: "rows",
      durability: "durable",
    });
    if (opened.kind !== "opened") throw new OutboxUnusable(`the outbox of ${session} is ${opened.kind.replaceAll("_", " ")}`);
    const outbox = new Outbox(ports, opened.session);
    // The log has checked each payload against the schema of its type.
    for await (const { type, payload } of opened.session.readLog())
      outbox.#state.apply({ type, payload: JSON.parse(payload) } as OutboxEvent);
    return outbox;
  }

  /** Why a channel does nothing more, or null: whoever makes effects must stop then, because nobody will do them. */
  get failure(): Error | null {
    return this.#failure;
  }

  /** Tells what was not told yet, as {@link perform} does. */
  send(notifications: readonly Notification[]): Promise<void> {
    return this.perform(this.telling(notifications));
  }

  /** What telling these comes to. */
  telling(notifications: readonly Notification[]): readonly Effect[] {
    return notifications.map((notification) => this.#told(notification));
  }

  /** Begins what was not done yet and waits for none of it: {@link failure} tells what became impossible. */
  begin(effects: readonly Effect[]): void {
    this.perform(effects).catch(() => {});
  }

  /** Does what was not done yet, in order, behind what its channel is doing. Effects that came to their end before are passed over. */
  async perform(effects: readonly Effect[]): Promise<void> {
    const touched = new Set(effects.map(({ channel }) => channel));
    for (const effect of effects) {
      const before = this.#lanes.get(effect.channel) ?? Promise.resolve();
      const done = before.then(() => this.#deliver(effect));
      done.catch((error: unknown) => {
        this.#failure ??= error instanceof Error ? error : new Error(String(error));
      });
      this.#lanes.set(effect.channel, done);
    }
    await Promise.all([...touched].map((channel) => this.#lanes.get(channel)));
  }

  /** Waits for what was begun. */
  async close(): Promise<void> {
    await Promise.allSettled(this.#lanes.values());
    await this.#log.close();
  }

  #told(notification: Notification): Effect {
    const { id, channel } = notification;
    const notifier = this.#ports.notifiers.get(channel);
    return {
      ...{ id, channel },
      attempt: async () => (await notifier?.notify(notification)) ?? { kind: "refused", cause: `there is no channel ${channel}` },
      find: async () => (await notifier?.find(id)) ?? "unknown",
    };
  }

  async #deliver(effect: Effect): Promise<void> {
    if (this.#state.standing(effect.id).status === "delivered") await effect.again?.();
    await this.#settle(effect);
    for (let tried = 0; this.#state.standing(effect.id).status === "waiting"; tried++) {
      if (tried > 0) await this.#ports.clock.wait(WAITS_MS[tried - 1] as number);
      await this.#attempt(effect, tried >= WAITS_MS.length);
    }
  }

  /** What a process that died left without a result is looked up. */
  async #settle({ id, find }: Effect): Promise<void> {
    if (this.#state.standing(id).status === "attempting")
      await this.#record({
        type: "outbox.resulted",
        payload: { intent_id: id, result: "unknown", cause: "the process ended before the result" },
      });
    if (this.#state.standing(id).status !== "unresolved") return;
    await this.#record({ type: "outbox.reconciled", payload: { intent_id: id, found: await find() } });
  }

  async #attempt(effect: Effect, last: boolean): Promise<void> {
    const { id, channel } = effect;
    const attempt = this.#state.standing(id).attempts + 1;
    await this.#record({ type: "outbox.attempting", payload: { intent_id: id, channel, attempt } });
    const outcome = await effect.attempt();
    if (outcome.kind === "delivered") {
      await this.#record({ type: "outbox.resulted", payload: { intent_id: id, result: "delivered" } });
      return;
    }
    const result = outcome.kind === "failed" && last ? "refused" : outcome.kind;
    await this.#record({ type: "outbox.resulted", payload: { intent_id: id, result, cause: outcome.cause } });
    if (result === "unknown") await this.#settle(effect);
  }

  async #record(event: OutboxEvent): Promise<void> {
    const { intent_id } = event.payload;
    const stream = `intent/${intent_id}`;
    const expected = await this.#log.streamVersion(stream);
    const at = this.#ports.clock.now();
    const id = eventId(at, this.#log.log, `${intent_id}/${expected + 1}`, 0, this.#ports.hash);
    const outcome = await this.#log.append([
      {
        stream,
        expected: expected === 0 ? "no_stream" : expected,
        events: [{ id, type: event.type, schema_version: 1, occurred_at: at, payload: event.payload }],
      },
    ]);
    if (outcome.kind !== "stored") throw new OutboxUnusable(`the outbox took nothing: ${outcome.kind.replaceAll("_", " ")}`);
    this.#state.apply(event);
  }
}
