/** Something that people are to be told, asked for by an event. */
export interface Notification {
  /** Id of the event that asks for it: what a channel knows it by, so that telling it twice can be seen. */
  readonly id: string;
  readonly channel: string;
  /** Type of the event that it tells of. */
  readonly about: string;
  readonly text: string;
}

/** What telling came to. `failed` may be tried again; of `unknown` nobody can say whether it was told. */
export type NotifyOutcome = { readonly kind: "delivered" } | { readonly kind: "failed" | "refused" | "unknown"; readonly cause: string };

/** A channel that tells people. */
export interface Notifier {
  notify(notification: Notification): Promise<NotifyOutcome>;
  /** Whether it was told: how an attempt without a result is settled. */
  find(id: string): Promise<"delivered" | "absent" | "unknown">;
}
