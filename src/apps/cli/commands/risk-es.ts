import type { CommandResult, Invocation } from "../command.js";
import { measureTail } from "../measure-tail.js";

export async function run(invocation: Invocation): Promise<CommandResult> {
  return measureTail(invocation, "es");
}
