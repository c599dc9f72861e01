/**
 * Server-sent events to one client. Ids are positions: a client that was cut off names the last it has, and gets what came after it, each once.
 *
 * Nothing waits in memory for a slow client. It is read for at its own pace, and where it takes nothing for too long it is cut off; it goes on
 * from the id that it has.
 */
import type { ServerResponse } from "node:http";

/** A stretch of a stream as it is sent. */
export interface Frames {
  readonly text: string;
  /** Position of its last event. */
  readonly last: number;
}

/** Where frames come from. */
export interface FrameSource {
  /** Frames after a position, or null where there are none yet. */
  after(position: number): Promise<Frames | null>;
  /** Told when there may be more. @returns ends the telling */
  onMore(listener: () => void): () => void;
}

export interface StreamPace {
  readonly heartbeat_ms: number;
  /** How long a client may take nothing. */
  readonly stall_ms: number;
}

export const PACE: StreamPace = { heartbeat_ms: 15_000, stall_ms: 30_000 };

/** What the first bytes tell the client: to come again after a second. */
const OPENING = "retry: 1000\n\n";
const HEARTBEAT = ": still here\n\n";
const STOPPING = ": the server is stopping; come again with the last id\n\n";

/** A frame of one event. `data` is one line. */
export function frame(id: number, event: string, data: string): string {
  return `id: ${id}\nevent: ${event}\ndata: ${data}\n\n`;
}

/** Streams to one client until it leaves, stalls or is stopped. */
export class EventStream {
  readonly #response: ServerResponse;
  readonly #source: FrameSource;
  readonly #pace: StreamPace;
  #stopped = false;
  #wake: () => void = () => {};

  constructor(response: ServerResponse, source: FrameSource, pace: StreamPace) {
    this.#response = response;
    this.#source = source;
    this.#pace = pace;
  }

  /** Sends what comes after a position. Resolves when nothing more will be sent. */
  async run(position: number): Promise<void> {
    const response = this.#response;
    const more = this.#source.onMore(() => this.#wake());
    response.on("close", () => this.#wake());
    const heartbeat = setInterval(() => {
      if (!response.writableNeedDrain) response.write(HEARTBEAT);
    }, this.#pace.heartbeat_ms);
    try {
      response.write(OPENING);
      let last = position;
      while (this.#goesOn()) {
        const woken = new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
        const frames = await this.#source.after(last);
        if (!this.#goesOn()) break;
        if (frames === null) {
          await woken;
          continue;
        }
        last = frames.last;
        if (!response.write(frames.text) && !(await this.#drained())) return;
      }
      if (!response.destroyed) response.end(STOPPING);
    } finally {
      clearInterval(heartbeat);
      more();
      this.#wake = () => {};
    }
  }

  /** Ends the stream after what is being sent. */
  stop(): void {
    this.#stopped = true;
    this.#wake();
  }

  #goesOn(): boolean {
    return !this.#stopped && !this.#response.destroyed;
  }

  /** Waits until the client has taken what was written. @returns false where it is gone or took nothing for too long, and was cut off */
  #drained(): Promise<boolean> {
    const response = this.#response;
    return new Promise((resolve) => {
      const end = (drained: boolean) => () => {
        clearTimeout(late);
        response.off("drain", onDrain);
        response.off("close", onClose);
        if (!drained) response.destroy();
        resolve(drained);
      };
      const onDrain = end(true);
      const onClose = end(false);
      const late = setTimeout(onClose, this.#pace.stall_ms);
      response.on("drain", onDrain);
      response.on("close", onClose);
    });
  }
}
