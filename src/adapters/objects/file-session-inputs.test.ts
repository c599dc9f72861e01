import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { sha256 } from "../node-hash/sha256.js";
import { FileSessionInputs } from "./file-session-inputs.js";

const folder = mkdtempSync(join(tmpdir(), "onetape-inputs-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("what sessions need beside their tapes", () => {
  test("is kept by content, and given back as long as it is what was kept", async () => {
    const inputs = new FileSessionInputs(join(folder, "kept"));
    const source = sha256("sources");
    expect(await inputs.strategy(source)).toBeNull();
    await inputs.keepStrategy(source, "export default 1;");
    await inputs.keepStrategy(source, "export default 1;");
    await inputs.keepText("rates");
    expect(await inputs.strategy(source)).toBe("export default 1;");
    expect(await inputs.text(sha256("rates"))).toBe("rates");
    expect(await inputs.text(sha256("others"))).toBeNull();
    expect(readdirSync(join(folder, "kept/texts")).sort()).toEqual([sha256("export default 1;"), sha256("rates")].sort());
  });

  test("that was altered is said to be missing, and is whole again once it is kept again", async () => {
    const inputs = new FileSessionInputs(join(folder, "altered"));
    const source = sha256("sources");
    await inputs.keepStrategy(source, "export default 1;");
    writeFileSync(join(folder, "altered/texts", sha256("export default 1;")), "export default 2;");
    expect(await inputs.strategy(source)).toBeNull();
    await inputs.keepStrategy(source, "export default 1;");
    expect(await inputs.strategy(source)).toBe("export default 1;");
    writeFileSync(join(folder, "altered/strategies", source), "../../elsewhere");
    expect(await inputs.strategy(source)).toBeNull();
  });
});
