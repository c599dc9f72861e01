import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";
import { expect, test } from "vitest";
import { blackScholes } from "../../src/core/risk/v1/black-scholes.js";
import { refused, V1_ERROR_CODES, type V1ErrorCode } from "../../src/core/risk/v1/v1-outcome.js";
import { repositoryRoot } from "../support/temporary-checkout.js";

const FOLDER = "src/core/risk/v1";

/** Declarations of the public exports, file by file. */
function signatures(): string {
  const files = readdirSync(join(repositoryRoot, FOLDER)).filter((file) => file.endsWith(".ts") && !file.endsWith(".test.ts"));
  return files
    .sort()
    .map((file) => {
      const source = readFileSync(join(repositoryRoot, FOLDER, file), "utf8");
      const { outputText } = ts.transpileDeclaration(source, { compilerOptions: { target: ts.ScriptTarget.ES2023 }, fileName: file });
      return `// ${file}\n${outputText}`;
    })
    .join("\n");
}

const grid = [90, 100, 113.7].flatMap((spot) =>
  [0, 0.07, 0.2, 1.3].flatMap((sigma) =>
    [-0.1, 0, 0.01, 0.5, 3].flatMap((t) =>
      [-0.01, 0, 0.05].map((r) => ({ spot, strike: 100, sigma, t, r, exercise: "european" as const })),
    ),
  ),
);

/** A double by its bits, so that no digit is lost in text. */
function bits(value: number): string {
  return new BigUint64Array(new Float64Array([value]).buffer)[0]?.toString(16).padStart(16, "0") ?? "";
}

test("the public signatures of version 1 are frozen", async () => {
  await expect(signatures()).toMatchFileSnapshot("risk-v1-signatures.golden.d.ts.txt");
});

test("the error codes of version 1 with their messages, and its option values to the bit, are frozen", async () => {
  const codes = Object.fromEntries(V1_ERROR_CODES.map((code) => [code, refused(code as V1ErrorCode, {}).error.message]));
  const values = grid.flatMap((terms) =>
    (["call", "put"] as const).map((right) => {
      const got = blackScholes({ ...terms, right });
      if (!got.ok) throw new Error(got.error.code);
      const { pv, greeks } = got.value;
      const { spot, sigma, t, r } = terms;
      return [right, spot, sigma, t, r, ...[pv, greeks.delta, greeks.gamma, greeks.vega, greeks.theta, greeks.rho].map(bits)].join(" ");
    }),
  );
  await expect(`${JSON.stringify({ codes, values }, null, 1)}\n`).toMatchFileSnapshot("risk-v1.golden.json");
});
