import { once } from "node:events";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { hasTerminal, json, onetape, onTerminal, program, scratchFolder, start } from "./cli-process.js";

const scratch = scratchFolder("signals");
const project = join(scratch.path, "slow");
beforeAll(() => {
  expect(onetape(["init", "slow"], { cwd: scratch.path }).code).toBe(0);
  // The same strategy, with work in every handler, so that there is time to interrupt it.
  const strategy = readFileSync(join(project, "strategy.ts"), "utf8");
  const slow = strategy
    .replace("params: {", "params: {\n    work: int({ default: 0, min: 0 }),")
    .replace(
      "if (!slow.ready) return;",
      "let sum = 0;\n    for (let i = 0; i < ctx.params.work; i += 1) sum += i;\n    if (!slow.ready || sum < 0) return;",
    );
  writeFileSync(join(project, "strategy.ts"), slow);
  const config = readFileSync(join(project, "backtest.yaml"), "utf8");
  writeFileSync(join(project, "slow.yaml"), config.replace("params:", "params:\n  work: 4000000"));
  writeFileSync(join(project, "steady.yaml"), config.replace("params:", "params:\n  work: 40000"));
});
afterAll(scratch.remove);

/** Starts a slow backtest and waits until its tape is being written. */
async function running(
  args: readonly string[] = [],
): Promise<{ readonly child: ReturnType<typeof start>; readonly said: () => string; readonly wrote: () => string }> {
  const child = start(["backtest", "slow.yaml", ...args], { cwd: project });
  let stderr = "";
  let stdout = "";
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
  });
  child.stdout?.setEncoding("utf8").on("data", (text: string) => {
    stdout += text;
  });
  while (!draftIsThere()) await sleep(20);
  await sleep(300);
  return { child, said: () => stderr, wrote: () => stdout };
}

function draftIsThere(): boolean {
  try {
    return readdirSync(join(project, ".onetape", "tmp")).some((name) => name.startsWith("run-"));
  } catch {
    return false;
  }
}

test.each([
  ["SIGINT", 130],
  ["SIGTERM", 143],
] as const)("%s ends a run with exit code %i, says what was kept, and leaves no half run", async (signal, expected) => {
  const { child, said } = await running();
  child.kill(signal);
  const [code] = await once(child, "close");
  expect(code).toBe(expected);
  expect(said()).toContain("stopping at a safe point");
  expect(said()).toMatch(/kept as aborted-signal-/);
  expect(readdirSync(join(project, ".onetape", "tmp"))).toEqual([]);
  const { items } = json(onetape(["runs", "list", "--json"], { cwd: project }));
  expect(items).toMatchObject((Array.isArray(items) ? items : []).map(() => ({ status: "aborted" })));
  expect(json(onetape(["verify", "--all", "--json"], { cwd: project }))).toMatchObject({ verified: true });
});

test("an interrupted --json run still prints one document", async () => {
  const { child, wrote } = await running(["--json"]);
  child.kill("SIGINT");
  await once(child, "close");
  expect(JSON.parse(wrote())).toMatchObject({ schema: "onetape.backtest/1", status: "aborted", reason: "signal" });
});

test("a second Ctrl-C quits at once", async () => {
  const { child } = await running();
  child.kill("SIGINT");
  child.kill("SIGINT");
  const [code] = await once(child, "close");
  expect(code).toBe(130);
});

test.runIf(hasTerminal)("a terminal shows a bar with rate, total, time left and simulated date; a pipe shows none of it", () => {
  const line = `${JSON.stringify(process.execPath)} ${JSON.stringify(program)} backtest steady.yaml`;
  const { code, screen } = onTerminal(line, { cwd: project });
  expect(code).toBe(0);
  const drawn = screen.split("\r\u001b[2K");
  // Drawn, redrawn, and wiped before the figures come.
  expect(drawn.at(-1)).toContain("Final equity");
  expect(drawn.slice(1, -1).join("\n")).toMatch(
    /^backtest .*\[.*\] *\d+% {2}[\d,]+\/7,800 bars {2}[\d,]+\/s {2}\d+ s left {2}2024-01-\d\d \d\d:\d\d$/m,
  );
  const piped = onetape(["backtest", "steady.yaml"], { cwd: project });
  expect(piped.stderr).not.toContain("bars");
  expect(onTerminal(`${line} --quiet`, { cwd: project }).screen).not.toContain("7,800 bars");
});

test("questions are never asked without a terminal, and the flag that answers is named", () => {
  const home = scratchFolder("asking");
  expect(onetape(["demo", "--quiet"], { cwd: home.path }).code).toBe(0);
  const refused = onetape(["demo", "clean"], { cwd: home.path });
  expect([refused.code, refused.stderr]).toEqual([3, expect.stringContaining("--yes")]);
  expect(onetape(["demo", "clean", "--dry-run"], { cwd: home.path }).stdout).toBe("would remove .onetape/demo\n");
  expect(onetape(["demo", "clean", "--yes"], { cwd: home.path }).stdout).toBe("removed .onetape/demo\n");
  home.remove();
});

test("the demo says at its second start that the run is identical to the stored one", () => {
  const home = scratchFolder("demo");
  const first = onetape(["demo"], { cwd: home.path });
  expect(first.stdout).toMatch(/4\/7 backtest +new: /);
  const second = onetape(["demo"], { cwd: home.path });
  expect(second.stdout).toMatch(/4\/7 backtest +identical to the stored run: /);
  expect(second.stdout).toMatch(/6\/7 replay +L1 L2 L3 L4 hold in a fresh process/);
  expect(second.stdout).not.toContain("\u001b");
  const told = json(onetape(["demo", "--json"], { cwd: home.path }));
  expect(told).toMatchObject({ schema: "onetape.demo/1", identical: true, verified: true });
  home.remove();
});
