import { afterAll, expect, test } from "vitest";
import { json, onetape, scratchFolder } from "./cli-process.js";

const scratch = scratchFolder("kill-switch");
afterAll(scratch.remove);
const cwd = scratch.path;
const run = (...args: readonly string[]) => onetape(["kill-switch", ...args], { cwd });

test("a kill switch is tripped, stays tripped in a new process, and is reset by a named approver with a reason only", () => {
  expect(json(run("status", "--json"))).toMatchObject({ schema: "onetape.kill-switch/1", scope: "default", status: "armed", steps: [] });

  const tripped = run("trip", "--reason", "quotes froze");
  expect(tripped).toMatchObject({ code: 0, stdout: expect.stringContaining("kill switch default: tripped") });
  expect(json(run("status", "--json"))).toMatchObject({ status: "tripped", trigger: "operator", reason: "quotes froze", step_count: 3 });
  expect(run("status", "--scope", "other").stdout).toBe("kill switch other: armed\n");

  const again = json(run("trip", "--reason", "once more", "--json"));
  expect(again).toMatchObject({ changed: false, reason: "quotes froze" });
  expect(run("trip", "--reason", "once more").stdout).toContain("nothing changed, it was tripped before");

  const early = run("reset", "--approver", "risk-7", "--reason", "feed is back");
  expect(early.code).toBe(4);
  expect(early.stderr).toMatch(/stays locked for 1440 more minutes; no reset before \d{4}-\d\d-\d\dT/);
  for (const [args, code] of [
    [["--reason", "feed is back"], "NO_APPROVER"],
    [["--approver", "risk-7"], "NO_REASON"],
  ] as const) {
    const refused = run("reset", ...args, "--json");
    expect(refused.code).toBe(4);
    expect(json(refused)).toMatchObject({ category: "GATE", code: "RESET_REFUSED", details: [{ code }] });
  }
  const status = json(run("status", "--limit", "2", "--json"));
  expect(status).toMatchObject({ status: "tripped", step_count: 9 });
  expect((status["steps"] as readonly { type: string }[]).map(({ type }) => type)).toEqual([
    "kill_switch.reset_requested",
    "kill_switch.reset_refused",
  ]);
  expect(onetape(["verify", "--all"], { cwd })).toMatchObject({ code: 0, stdout: expect.stringMatching(/risk\s+ok\s+9/) });
}, 120_000);

test("a switch without a lock can be reset at once", () => {
  const desk = ["--scope", "desk/2"] as const;
  expect(run("trip", ...desk, "--reason", "drill", "--lock-hours", "0").code).toBe(0);
  expect(json(run("reset", ...desk, "--approver", "risk-7", "--reason", "over", "--json"))).toMatchObject({
    changed: true,
    status: "armed",
  });
  expect(run("reset", ...desk, "--approver", "risk-7", "--reason", "over").stdout).toBe("nothing changed; kill switch desk/2: armed\n");
  expect(run("status", ...desk).stdout).toContain("notification.requested");
}, 120_000);

test("what cannot be is refused with everything that is wrong", () => {
  const bad = run("trip", "--lock-hours", "-1");
  expect(bad.code).toBe(3);
  expect(bad.stderr).toContain("a trip needs a reason");
  expect(bad.stderr).toContain('"-1" is no number of hours');
  expect(run("status", "--scope", "a b").code).toBe(3);
}, 120_000);
