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
import type { Notification, Notifier } from "../ports/notifier.js";

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
  #sending: Promise<void> = Promise.resolve();

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

  /** Sends what was not sent yet, in order, behind what is being sent. Intents that came to their end before are passed over. */
  send(intents: readonly Notification[]): Promise<void> {
    this.#sending = this.#sending.then(async () => {
      for (const intent of intents) await this.#deliver(intent);
    });
    return this.#sending;
  }

  async close(): Promise<void> {
    await this.#sending.catch(() => undefined);
    await this.#log.close();
  }

  async #deliver(intent: Notification): Promise<void> {
    const notifier = this.#ports.notifiers.get(intent.channel);
    await this.#settle(intent, notifier);
    for (let tried = 0; this.#state.standing(intent.id).status === "waiting"; tried++) {
      if (tried > 0) await this.#ports.clock.wait(WAITS_MS[tried - 1] as number);
      await this.#attempt(intent, notifier, tried >= WAITS_MS.length);
    }
  }

  /** What a process that died left without a result is looked up. */
  async #settle({ id }: Notification, notifier: Notifier | undefined): Promise<void> {
    if (this.#state.standing(id).status === "attempting")
      await this.#record({
        type: "outbox.resulted",
        payload: { intent_id: id, result: "unknown", cause: "the process ended before the result" },
      });
    if (this.#state.standing(id).status !== "unresolved") return;
    const found = (await notifier?.find(id)) ?? "unknown";
    await this.#record({ type: "outbox.reconciled", payload: { intent_id: id, found } });
  }

  async #attempt(intent: Notification, notifier: Notifier | undefined, last: boolean): Promise<void> {
    const { id, channel } = intent;
    const attempt = this.#state.standing(id).attempts + 1;
    await this.#record({ type: "outbox.attempting", payload: { intent_id: id, channel, attempt } });
    const outcome = (await notifier?.notify(intent)) ?? { kind: "refused", cause: `there is no channel ${channel}` };
    if (outcome.kind === "delivered") {
      await this.#record({ type: "outbox.resulted", payload: { intent_id: id, result: "delivered" } });
      return;
    }
    const result = outcome.kind === "failed" && last ? "refused" : outcome.kind;
    await this.#record({ type: "outbox.resulted", payload: { intent_id: id, result, cause: outcome.cause } });
    if (result === "unknown") await this.#settle(intent, notifier);
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
