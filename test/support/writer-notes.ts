/** What a writing process notes, flushed, before and after each append: an oracle outside the store. */
import { existsSync, readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { expect } from "vitest";
import type { TapeEvent } from "../../src/core/tape/event.js";
import type { EventStore, StreamBatch } from "../../src/ports/event-store.js";
import { openLog, readAll } from "./tape-fixture.js";

export interface Notes {
  readonly opened: number[];
  readonly intents: (readonly StreamBatch[])[];
  readonly acknowledged: { readonly position: number; readonly id: string }[];
  readonly refused: { readonly kind: string }[];
}

/** What a writer has noted so far. */
export function readNotes(path: string): Notes {
  return parseNotes(existsSync(path) ? readFileSync(path, "utf8") : "");
}

export function parseNotes(lines: string): Notes {
  const notes: Notes = { opened: [], intents: [], acknowledged: [], refused: [] };
  // What follows the last line end was being noted when the process died.
  for (const text of lines.split("\n").slice(0, -1)) {
    const line = JSON.parse(text);
    if (line.opened !== undefined) notes.opened.push(line.opened);
    if (line.intent !== undefined) notes.intents.push(line.intent);
    if (line.refused !== undefined) notes.refused.push(line.refused);
    for (const [i, position] of (line.stored ?? []).entries()) notes.acknowledged.push({ position, id: line.ids[i] });
  }
  return notes;
}

/** Waits for something that another process does. */
export async function until(condition: () => boolean, what: string): Promise<void> {
  for (let waited = 0; !condition(); waited += 5) {
    if (waited > 30_000) throw new Error(`waited 30 s for ${what}`);
    await sleep(5);
  }
}

/** I1 to I4: everything acknowledged is there and unchanged, nothing else was ever submitted, all is dense, the chain holds. */
export async function checkNotes(store: EventStore, all: readonly Notes[]): Promise<readonly TapeEvent[]> {
  const reader = await openLog(store, { mode: "read" });
  const events = await readAll(reader);
  const byPosition = new Map(events.map((event) => [event.position, event]));
  const submitted = new Map(
    all.flatMap(({ intents }) => intents.flat().flatMap((batch) => batch.events.map((event) => [event.id, { batch, event }] as const))),
  );
  for (const { position, id } of all.flatMap((notes) => notes.acknowledged)) {
    expect(byPosition.get(position)?.id, `acknowledged event at position ${position}`).toBe(id);
  }
  const versions = new Map<string, number>();
  for (const [i, event] of events.entries()) {
    const source = submitted.get(event.id);
    expect(source, `event at position ${event.position} was submitted`).toBeDefined();
    expect(event.stream).toBe(`run/one/${source?.batch.stream}`);
    expect(JSON.parse(event.payload)).toEqual(source?.event.payload);
    expect(event.position).toBe(i + 1);
    expect(event.version).toBe((versions.get(event.stream) ?? 0) + 1);
    versions.set(event.stream, event.version);
  }
  expect((await reader.verify("L2")).failure).toBeNull();
  await reader.close();
  return events;
}
