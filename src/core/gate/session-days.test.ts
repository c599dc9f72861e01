import { describe, expect, it } from "vitest";
import { sessionDays } from "./session-days.js";

const utc = (text: string): number => Date.parse(`${text}Z`);

describe("session days", () => {
  it("of a market that never closes are UTC days, and a bar that closes at midnight ends its day", () => {
    const dayOf = sessionDays("24/7");
    expect(dayOf(utc("2024-01-02T00:00:00.001"))).toBe("2024-01-02");
    expect(dayOf(utc("2024-01-02T12:00:00"))).toBe("2024-01-02");
    expect(dayOf(utc("2024-01-03T00:00:00"))).toBe("2024-01-02");
    expect(dayOf(utc("2024-01-03T00:01:00"))).toBe("2024-01-03");
  });

  // New York: the session of 2024-01-05, a Friday, is 14:30 to 21:00 UTC; the next is 2024-01-08.
  it("of an exchange go on over the weekend, and begin with the hours before the next session", () => {
    const dayOf = sessionDays("XNYS");
    expect(dayOf(utc("2024-01-05T15:00:00"))).toBe("2024-01-05");
    expect(dayOf(utc("2024-01-05T23:00:00"))).toBe("2024-01-05");
    expect(dayOf(utc("2024-01-06T15:00:00"))).toBe("2024-01-05");
    expect(dayOf(utc("2024-01-07T15:00:00"))).toBe("2024-01-05");
    expect(dayOf(utc("2024-01-08T12:00:00"))).toBe("2024-01-08");
    expect(dayOf(utc("2024-01-08T15:00:00"))).toBe("2024-01-08");
    // Asked backwards it answers the same.
    expect(dayOf(utc("2024-01-05T15:00:00"))).toBe("2024-01-05");
  });

  it("outside what a calendar covers are UTC days", () => {
    expect(sessionDays("XNYS")(utc("1901-05-04T15:00:00"))).toBe("1901-05-04");
  });
});
