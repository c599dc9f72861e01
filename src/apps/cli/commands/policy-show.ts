import type { CommandResult, Invocation } from "../command.js";
import { loadAsked } from "../load-policy.js";
import { renderPolicy } from "../render-policy.js";

export async function run({ args, io }: Invocation): Promise<CommandResult> {
  const asked = await loadAsked(args);
  if (asked.kind === "failed") return asked;
  const { policy, policy_sha256, members } = asked;
  const sources = members.map(({ source }) => source);
  const notes = members.flatMap(({ source, notes: said }) => said.map((note) => `${source}: ${note}`));
  const noted = notes.map((note) => `note: ${note}\n`).join("");
  return {
    kind: "done",
    json: { schema: "onetape.policy/1", name: policy.name, sources, policy_sha256, policy, notes },
    human: () => `${renderPolicy(policy, sources, policy_sha256, io.out)}${noted === "" ? "" : `\n${noted}`}`,
    next: [`onetape policy explain ${args.join(" ")}`],
  };
}
