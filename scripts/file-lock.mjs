import { randomUUID } from "node:crypto";
import { linkSync, readFileSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import { ExpectedError, say } from "./expected-error.mjs";

const heartbeat_ms = 2_000;
const silent_ms = 30_000;
const poll_ms = 100;

/**
 * Runs `work` while this process alone holds the lock file at `path`.
 *
 * A lock is stale when its process is gone (same host) or when its heartbeat has been silent for 30 s (another host or container,
 * where a process id says nothing). `waitingFor` names the work in the message to a second process.
 */
export async function withLock(path, waitingFor, work) {
  const token = JSON.stringify({ pid: process.pid, host: hostname(), id: randomUUID() });
  let told = false;
  while (!tryCreate(path, token)) {
    if (takeOverIfStale(path)) continue;
    if (!told) say(`waiting for another process that is ${waitingFor}`);
    told = true;
    await sleep(poll_ms);
  }
  const beat = setInterval(() => touch(path), heartbeat_ms);
  beat.unref();
  const release = () => {
    clearInterval(beat);
    if (read(path) === token) rmSync(path, { force: true });
  };
  const releaseOnSignal = { SIGINT: () => process.exit(130), SIGTERM: () => process.exit(143), SIGHUP: () => process.exit(129) };
  process.on("exit", release);
  for (const [signal, handler] of Object.entries(releaseOnSignal)) process.on(signal, handler);
  try {
    return await work();
  } finally {
    process.off("exit", release);
    for (const [signal, handler] of Object.entries(releaseOnSignal)) process.off(signal, handler);
    release();
  }
}

function tryCreate(path, token) {
  try {
    // Written aside and linked, so that no reader ever sees a lock without its owner.
    const aside = `${path}.${process.pid}`;
    writeFileSync(aside, token);
    try {
      linkSync(aside, path);
      return true;
    } finally {
      rmSync(aside, { force: true });
    }
  } catch (error) {
    if (error.code === "EEXIST") return false;
    throw new ExpectedError(`cannot write ${path} (${error.code}). This folder must be writable to install or build in it.`);
  }
}

function takeOverIfStale(path) {
  const seen = read(path);
  if (seen === undefined) return true;
  if (!isStale(path, seen)) return false;
  const aside = `${path}.stale.${process.pid}`;
  try {
    renameSync(path, aside);
  } catch {
    return true;
  }
  // Between the look and the rename another process may have taken over: then this is its lock, and goes back.
  if (read(aside) !== seen) tryLinkBack(aside, path);
  rmSync(aside, { force: true });
  return true;
}

function tryLinkBack(aside, path) {
  try {
    linkSync(aside, path);
  } catch (error) {
    if (error.code !== "EEXIST") throw error;
  }
}

function isStale(path, content) {
  const owner = parse(content);
  if (owner?.host === hostname() && !isAlive(owner.pid)) return true;
  try {
    return Date.now() - statSync(path).mtimeMs > silent_ms;
  } catch {
    return true;
  }
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === "EPERM";
  }
}

function parse(content) {
  try {
    return JSON.parse(content);
  } catch {
    return;
  }
}

function read(path) {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return;
  }
}

function touch(path) {
  try {
    const now = new Date();
    utimesSync(path, now, now);
  } catch {
    // The lock was taken over; release() sees the other token and leaves it.
  }
}
