import { spawn } from "node:child_process";
import { once } from "node:events";
import { cleanEnvironment, program } from "../e2e/cli-process.js";

/** Starts `onetape ARGS` and kills it after so many milliseconds. @returns false where it had ended before. */
export async function killedAt(args: readonly string[], cwd: string, ms: number, extra: NodeJS.ProcessEnv = {}): Promise<boolean> {
  const child = spawn(process.execPath, [program, ...args], { cwd, env: cleanEnvironment(cwd, extra), stdio: "ignore" });
  const timer = setTimeout(() => child.kill("SIGKILL"), ms);
  const [, signal] = await once(child, "exit");
  clearTimeout(timer);
  return signal === "SIGKILL";
}
