import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { calcCatalogue } from "../../src/core/calc/calc-event-schemas.js";
import { runCatalogue } from "../../src/core/engine/run-event-schemas.js";
import { dataCatalogue } from "../../src/core/market/catalogue-events.js";
import { opsCatalogue } from "../../src/core/ops/ops-events.js";
import { qualityCatalogue } from "../../src/core/quality/sla-events.js";
import { outboxCatalogue } from "../../src/core/session/outbox-events.js";
import { riskSessionCatalogue } from "../../src/core/session/risk-session-events.js";
import { eventsPage, meaningFaults } from "./event-reference.js";

const page = fileURLToPath(new URL("../../docs/reference/events.md", import.meta.url));

test.each([runCatalogue, dataCatalogue, opsCatalogue, outboxCatalogue, calcCatalogue, qualityCatalogue, riskSessionCatalogue])(
  "every field of every event of the catalogue $name has a meaning, and no meaning lacks its field",
  (catalogue) => {
    expect(meaningFaults(catalogue)).toEqual([]);
  },
);

test("docs/reference/events.md says what the catalogues declare", () => {
  const text = eventsPage();
  if (process.env["ONETAPE_WRITE_DOCS"] === "1") writeFileSync(page, text);
  expect(readFileSync(page, "utf8")).toBe(text);
});
