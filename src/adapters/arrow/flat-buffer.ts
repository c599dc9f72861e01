/**
 * The little of FlatBuffers that Arrow's metadata needs: tables, strings, vectors and unions, written from the back as the format wants.
 *
 * @see https://flatbuffers.dev/internals/
 */
export class FlatBuffer {
  #bytes = new Uint8Array(1024);
  /** Bytes written so far, counted from the end. */
  #used = 0;
  #minAlign = 1;

  /** Offsets are counted from the end of the buffer. */
  get offset(): number {
    return this.#used;
  }

  #grow(more: number): void {
    if (this.#used + more <= this.#bytes.length) return;
    const bytes = new Uint8Array(Math.max(this.#bytes.length * 2, this.#used + more));
    bytes.set(this.#bytes.subarray(this.#bytes.length - this.#used), bytes.length - this.#used);
    this.#bytes = bytes;
  }

  /** Pads so that after `extra` more bytes the next value of `size` is aligned. */
  align(size: number, extra: number = 0): void {
    if (size > this.#minAlign) this.#minAlign = size;
    const pad = (size - ((this.#used + extra) % size)) % size;
    this.#grow(pad);
    this.#used += pad;
  }

  #put(size: 1 | 2 | 4 | 8, value: number | bigint): void {
    this.#grow(size);
    this.#used += size;
    const view = new DataView(this.#bytes.buffer, this.#bytes.length - this.#used);
    if (size === 8) view.setBigInt64(0, BigInt(value), true);
    else if (size === 4) view.setInt32(0, Number(value), true);
    else if (size === 2) view.setInt16(0, Number(value), true);
    else view.setInt8(0, Number(value));
  }

  scalar(size: 1 | 2 | 4 | 8, value: number | bigint): void {
    this.align(size);
    this.#put(size, value);
  }

  /** A reference to something written before. */
  reference(to: number): void {
    this.align(4);
    this.#put(4, this.#used + 4 - to);
  }

  text(text: string): number {
    const bytes = new TextEncoder().encode(text);
    this.align(4, bytes.length + 1);
    this.#put(1, 0);
    this.#grow(bytes.length);
    this.#used += bytes.length;
    this.#bytes.set(bytes, this.#bytes.length - this.#used);
    this.#put(4, bytes.length);
    return this.#used;
  }

  /** A vector of references. */
  references(targets: readonly number[]): number {
    this.align(4, targets.length * 4);
    for (const target of [...targets].reverse()) this.reference(target);
    this.#put(4, targets.length);
    return this.#used;
  }

  /** A vector of structs of 64-bit integers. */
  structs(rows: readonly (readonly bigint[])[]): number {
    const width = (rows[0]?.length ?? 0) * 8;
    this.align(4, rows.length * width);
    this.align(8, rows.length * width);
    for (const row of [...rows].reverse()) for (const value of [...row].reverse()) this.#put(8, value);
    this.#put(4, rows.length);
    return this.#used;
  }

  /** A table: each field in its slot, absent ones null. Fields are written in the given order. */
  table(slots: number, fields: readonly (readonly [slot: number, size: 1 | 2 | 4 | 8 | "ref", value: number | bigint])[]): number {
    const end = this.#used;
    const places = new Map<number, number>();
    for (const [slot, size, value] of fields) {
      if (size === "ref") this.reference(Number(value));
      else this.scalar(size, value);
      places.set(slot, this.#used);
    }
    this.align(4);
    this.#put(4, 0);
    const start = this.#used;
    for (let slot = slots - 1; slot >= 0; slot--) {
      const place = places.get(slot);
      this.#put(2, place === undefined ? 0 : start - place);
    }
    this.#put(2, start - end);
    this.#put(2, (slots + 2) * 2);
    // The table points to where its slots are described.
    new DataView(this.#bytes.buffer, this.#bytes.length - start).setInt32(0, this.#used - start, true);
    return start;
  }

  /** The finished bytes with the reference to their root in front. */
  finish(root: number): Uint8Array {
    this.align(Math.max(4, this.#minAlign), 4);
    this.reference(root);
    return this.#bytes.slice(this.#bytes.length - this.#used);
  }
}
