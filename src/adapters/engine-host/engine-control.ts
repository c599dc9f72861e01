/**
 * The few words that the engine's thread and the main thread share while a run is under way.
 *
 * The engine writes its progress without waiting; the main thread writes what is committed and whether to stop.
 */

const COMMITTED = 0;
const SLICES = 1;
const BARS = 2;
const WAITING = 3;
const STOP = 4;
const ARRIVED = 5;
const WORDS = 6;

export class EngineControl {
  readonly buffer: SharedArrayBuffer;
  readonly #words: Int32Array;
  readonly #time: Float64Array;

  constructor(buffer: SharedArrayBuffer = new SharedArrayBuffer(WORDS * 4 + 8)) {
    this.buffer = buffer;
    this.#words = new Int32Array(buffer, 0, WORDS);
    this.#time = new Float64Array(buffer, WORDS * 4, 1);
  }

  get slices(): number {
    return Atomics.load(this.#words, SLICES);
  }

  get bars(): number {
    return Atomics.load(this.#words, BARS);
  }

  /** Close time of the newest slice, or null before the first. */
  get ts(): number | null {
    return this.slices === 0 ? null : (this.#time[0] as number);
  }

  /** True while the engine waits, for the tape or for bars, and no handler runs. */
  get waiting(): boolean {
    return Atomics.load(this.#words, WAITING) === 1;
  }

  /** Engine side: a slice is about to be handled. Plain stores: a watchdog that reads them late does no harm. */
  publish(slices: number, bars: number, ts: number): void {
    this.#words[SLICES] = slices;
    this.#words[BARS] = bars;
    this.#time[0] = ts;
  }

  /** Engine side: blocks until everything up to `position` is committed. @returns false when the tape has stopped. */
  awaitCommit(position: number): boolean {
    Atomics.store(this.#words, WAITING, 1);
    try {
      for (;;) {
        if (Atomics.load(this.#words, STOP) === 1) return false;
        const committed = Atomics.load(this.#words, COMMITTED);
        if (committed >= position) return true;
        Atomics.wait(this.#words, COMMITTED, committed);
      }
    } finally {
      Atomics.store(this.#words, WAITING, 0);
    }
  }

  /** Engine side: blocks until something arrives that `take` finds. @returns null when the tape has stopped. */
  awaitArrival<T>(take: () => T | undefined): T | null {
    Atomics.store(this.#words, WAITING, 1);
    try {
      for (;;) {
        if (Atomics.load(this.#words, STOP) === 1) return null;
        const arrived = Atomics.load(this.#words, ARRIVED);
        const found = take();
        if (found !== undefined) return found;
        Atomics.wait(this.#words, ARRIVED, arrived);
      }
    } finally {
      Atomics.store(this.#words, WAITING, 0);
    }
  }

  /** Main side: something that the engine waits for was sent. */
  arrived(): void {
    Atomics.add(this.#words, ARRIVED, 1);
    Atomics.notify(this.#words, ARRIVED);
  }

  get committed(): number {
    return Atomics.load(this.#words, COMMITTED);
  }

  /** Main side: everything up to `position` is committed. */
  commit(position: number): void {
    Atomics.store(this.#words, COMMITTED, position);
    Atomics.notify(this.#words, COMMITTED);
  }

  /** Main side: nothing more will be committed. */
  stop(): void {
    Atomics.store(this.#words, STOP, 1);
    Atomics.notify(this.#words, COMMITTED);
    Atomics.notify(this.#words, ARRIVED);
  }
}
