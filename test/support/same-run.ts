import { onetape } from "../e2e/cli-process.js";

/** Fails with what `onetape diff` says of two run folders, unless their tapes are identical. */
export function expectSameRun(left: string, right: string, cwd: string): void {
  const { code, stdout, stderr } = onetape(["diff", left, right, "--no-color"], { cwd });
  if (code !== 0) throw new Error(`${stdout}\n${stderr}`);
}
