/** Who may ask: whoever carries the server's token; without one, only this machine's own programs. */
import { createHash, timingSafeEqual } from "node:crypto";
import { lookup } from "node:dns/promises";
import type { IncomingHttpHeaders } from "node:http";
import { BlockList, isIP } from "node:net";
import { type Problem, problem, REQUEST_PROBLEMS } from "./problem.js";

/** The shortest token that is taken. */
export const MIN_TOKEN_LENGTH = 20;

const loopback = new BlockList();
loopback.addSubnet("127.0.0.0", 8, "ipv4");
loopback.addAddress("::1", "ipv6");

/** Whether an address to listen on can be reached from this machine alone. A name can where all of its addresses can. */
export async function isLoopback(host: string): Promise<boolean> {
  const addresses = isIP(host) === 0 ? await lookup(host, { all: true }).catch(() => []) : [{ address: host, family: isIP(host) }];
  return addresses.length > 0 && addresses.every(({ address, family }) => loopback.check(address, family === 6 ? "ipv6" : "ipv4"));
}

/** What is wrong with a token, or null. */
export function tokenFault(token: string): string | null {
  if (token.length < MIN_TOKEN_LENGTH) return `it has ${token.length} characters, and at least ${MIN_TOKEN_LENGTH} are needed`;
  return /^[\x21-\x7e]+$/.test(token) ? null : "it holds a character other than printable ASCII, or a space";
}

/** @returns why a request is refused, or null. @param open whether its route answers anybody */
export type AccessGuard = (headers: IncomingHttpHeaders, open: boolean) => Problem | null;

/** @param token null where whoever is on this machine may ask */
export function accessGuard(token: string | null): AccessGuard {
  const expected = token === null ? null : digest(token);
  return (headers, open) => {
    const { host = "", origin, authorization } = headers;
    if (origin !== undefined && originHost(origin) !== host.toLowerCase())
      return problem(REQUEST_PROBLEMS.ORIGIN_REFUSED, [
        { field: "/headers/origin", value: origin, expected: "no Origin, or the server's own" },
      ]);
    // A name that somebody else resolves to this machine would let a foreign page ask as if it were of this machine.
    if (expected === null)
      return isOwnName(host)
        ? null
        : problem(REQUEST_PROBLEMS.HOST_REFUSED, [{ field: "/headers/host", value: host, expected: "localhost, 127.0.0.1 or [::1]" }]);
    if (open || (authorization !== undefined && carries(authorization, expected))) return null;
    const value = authorization === undefined ? "nothing" : "another token";
    return problem(
      REQUEST_PROBLEMS.UNAUTHENTICATED,
      [{ field: "/headers/authorization", value, expected: "Bearer and the server's token" }],
      {
        headers: { "www-authenticate": 'Bearer realm="onetape"' },
      },
    );
  };
}

/** Compares digests of one length in a time that says nothing of where they differ. */
function carries(authorization: string, expected: Buffer): boolean {
  const given = /^Bearer +([\x21-\x7e]+)$/i.exec(authorization)?.[1] ?? "";
  return timingSafeEqual(digest(given), expected);
}

function digest(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}

function originHost(origin: string): string {
  return URL.canParse(origin) ? new URL(origin).host : "";
}

function isOwnName(host: string): boolean {
  const name = host.toLowerCase().replace(/:[0-9]{1,5}$/, "");
  if (name === "localhost" || name === "[::1]") return true;
  return isIP(name) === 4 && loopback.check(name, "ipv4");
}
