/** What happens in a session, as frames that all who listen to it share. */
import { type FrameSource, type Frames, frame } from "../event-stream.js";
import { eventText } from "./session-answers.js";
import { eventsAfter, type SessionHost } from "./session-host.js";

/** Events and bytes of one stretch at most; one event may be larger. */
const STRETCH = { limit: 500, most: 262_144 };
/** Stretches that are kept for other listeners. */
const KEPT = 16;
/** How often the log is looked at for events that another program appended. */
const LOOK_MS = 500;

/** Frames of one session, read and made once however many listen. */
export class SessionFeed implements FrameSource {
  readonly #host: SessionHost;
  readonly #name: string;
  /** By the position that they come after; those that were read last. */
  readonly #stretches = new Map<number, Promise<Frames | null>>();
  readonly #listeners = new Set<() => void>();
  #looking: NodeJS.Timeout | null = null;
  #quiet: () => void = () => {};

  constructor(host: SessionHost, name: string) {
    this.#host = host;
    this.#name = name;
  }

  get listeners(): number {
    return this.#listeners.size;
  }

  after(position: number): Promise<Frames | null> {
    const known = this.#stretches.get(position);
    if (known !== undefined) return known;
    const reading = this.#read(position);
    this.#stretches.set(position, reading);
    const [oldest] = this.#stretches.keys();
    if (this.#stretches.size > KEPT && oldest !== undefined) this.#stretches.delete(oldest);
    // A stretch that is not there yet is no stretch.
    const forget = (frames: Frames | null): void => {
      if (frames === null && this.#stretches.get(position) === reading) this.#stretches.delete(position);
    };
    reading.then(forget, () => forget(null));
    return reading;
  }

  onMore(listener: () => void): () => void {
    if (this.#listeners.size === 0) {
      const tell = (): void => {
        for (const one of this.#listeners) one();
      };
      this.#quiet = this.#host.onAppended(this.#name, tell);
      this.#looking = setInterval(tell, LOOK_MS);
    }
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
      if (this.#listeners.size > 0) return;
      this.#quiet();
      if (this.#looking !== null) clearInterval(this.#looking);
    };
  }

  async #read(position: number): Promise<Frames | null> {
    const events = await this.#host.tail(this.#name, (session) => eventsAfter(session, position, STRETCH));
    if ("kind" in events) throw new Error(`the log of ${this.#name} cannot be read: ${events.violations[0]?.message ?? events.reason}`);
    const last = events.at(-1);
    return last === undefined
      ? null
      : {
          text: events.map((event) => frame(event.position, event.type, eventText(this.#name, event, true))).join(""),
          last: last.position,
        };
  }
}
