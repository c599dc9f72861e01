import { renderPairs } from "../../../adapters/terminal/table.js";
import type { CommandResult, Invocation } from "../command.js";
import { fingerprint, loadAsked } from "../load-policy.js";

export async function run({ args, io }: Invocation): Promise<CommandResult> {
  const asked = await loadAsked(args);
  if (asked.kind === "failed") return asked;
  const { policy, policy_sha256, members } = asked;
  const policies = members.map(({ source, policy: own, notes }) => ({ source, name: own.name, policy_sha256: fingerprint(own), notes }));
  const several = policies.length > 1;
  return {
    kind: "done",
    json: { schema: "onetape.policy-check/1", policies, combined: { name: policy.name, policy_sha256 } },
    human: () => {
      const lines = policies.map(({ source, policy_sha256: hash }) => [source, `${io.out.good("sound")}  ${hash}`] as const);
      const together = [...lines, ["together", `${io.out.good("sound")}  ${policy_sha256}`] as const];
      const notes = policies.flatMap(({ source, notes: said }) => said.map((note) => `note: ${source}: ${note}\n`));
      return `${renderPairs(several ? together : lines, io.out)}${notes.join("")}`;
    },
    next: [`onetape policy explain ${args.join(" ")}`],
  };
}
