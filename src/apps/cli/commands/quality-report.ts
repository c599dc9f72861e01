import { readFile, writeFile } from "node:fs/promises";
import { sha256Bytes } from "../../../adapters/node-hash/sha256.js";
import { grouped } from "../../../core/numeric/grouped.js";
import { gatherQuality } from "../../../usecases/quality-report.js";
import { writeFileAtomically } from "../../../usecases/workspace.js";
import type { CommandResult, Invocation } from "../command.js";
import { renderQualityReport } from "../render-quality-report.js";
import { programVersion } from "../version.js";
import { withData } from "../with-data.js";
import { shown } from "./report.js";

export async function run(invocation: Invocation): Promise<CommandResult> {
  const { args, flags, io } = invocation;
  const output = flags.text("output");
  return withData(
    invocation,
    "quality",
    async (ports) => {
      const gathered = await gatherQuality(ports, { what: args[0], version: programVersion() });
      if (gathered.kind === "refused") return gathered;
      if (output === undefined) return { ...gathered, page: null };
      const { renderQualityPage } = await import("../../../../web/quality/render-quality-page.js");
      const text = renderQualityPage(gathered.report, sha256Bytes);
      if (output === "-" && !io.json) await io.write(text);
      const unchanged = output !== "-" && (await readFile(output, "utf8").catch(() => null)) === text;
      if (output !== "-" && !unchanged) await writeFileAtomically(output, (temporary) => writeFile(temporary, text));
      return { ...gathered, page: { path: output, bytes: Buffer.byteLength(text), unchanged } };
    },
    (outcome) => {
      const { report, page } = outcome;
      if (page?.path === "-" && !io.json) return { kind: "streamed" };
      const written =
        page === null
          ? ""
          : `${page.unchanged ? "unchanged: " : "wrote "}${io.out.bold(shown(page.path))}, ${grouped(Math.ceil(page.bytes / 1024))} KB\n`;
      return {
        kind: "done",
        json: { ...report, page },
        human: async () => `${await renderQualityReport(report, io.out)}${written}`,
        next: page === null ? ["onetape quality report --output quality.html"] : [],
      };
    },
  );
}
