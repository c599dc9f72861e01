import { relative, resolve } from "node:path";
import { sample, sampleBarsCsv } from "../../../adapters/init/sample-bars.js";
import { writeProject } from "../../../adapters/init/write-project.js";
import type { CommandResult, Invocation } from "../command.js";
import { failureOf } from "../failure.js";
import { packageRoot } from "../version.js";

export async function run({ args, flags, io }: Invocation): Promise<CommandResult> {
  const [folder = ""] = args;
  const path = resolve(folder);
  const inputs = {
    name: packageName(path),
    packageRoot: packageRoot().replaceAll("\\", "/"),
    sampleBars: sampleBarsCsv(),
    sampleNote: `sample bars: one-minute bars of ${sample.symbol}, synthetic (generated from seed ${sample.seed}), no market's`,
  };
  const written = await writeProject(path, inputs, flags.on("force"));
  const at = { field: "DIR", value: folder };
  switch (written.kind) {
    case "not_a_folder":
      return {
        kind: "failed",
        failure: failureOf("USAGE", `${folder} is a file`, "onetape init my-strategy", {
          ...at,
          expected: "a folder, or a name that is free",
        }),
      };
    case "not_empty": {
      const some = written.entries.slice(0, 5).join(", ");
      const message = `${folder} holds ${some}${written.entries.length > 5 ? " and more" : ""}; --force overwrites the files of the template and leaves all others`;
      return {
        kind: "failed",
        failure: failureOf("FOLDER_NOT_EMPTY", message, `onetape init ${folder} --force`, { ...at, expected: "an empty or new folder" }),
      };
    }
    case "written": {
      const here = relative(process.cwd(), path);
      const go = here === "" ? [] : [`cd ${here.includes(" ") ? JSON.stringify(here) : here}`];
      return {
        kind: "done",
        json: { schema: "onetape.init/1", path, files: written.files, linked: inputs.packageRoot },
        human: () => `made ${io.out.bold(folder)}: ${written.files.join(", ")}\n`,
        next: [...go, "npx onetape backtest backtest.yaml"],
      };
    }
  }
}

/** The folder's name as npm takes it. */
function packageName(path: string): string {
  const name = (path.split(/[\\/]/).at(-1) ?? "")
    .toLowerCase()
    .replace(/[^a-z0-9._-]+/g, "-")
    .replace(/^[._-]+/, "");
  return name === "" ? "my-strategy" : name.slice(0, 200);
}
