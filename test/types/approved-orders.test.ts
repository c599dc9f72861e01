import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import ts from "typescript";
import { describe, expect, it } from "vitest";
import type { RiskApproved } from "../../src/core/gate/approval.js";
import type { ChangeTicket } from "../../src/core/orders/order-requests.js";
import type { OrderTicket } from "../../src/core/orders/ticket.js";
import type { SimVenue } from "../../src/core/venue/sim-venue.js";
import type { Broker } from "../../src/ports/broker.js";

/** For the compiler alone; never called. What a caller without an approval might try, each a fault of its own. */
async function attempts(
  broker: Broker,
  venue: SimVenue,
  { ticket, change, approved }: { ticket: OrderTicket; change: ChangeTicket; approved: RiskApproved<OrderTicket> },
): Promise<void> {
  await broker.submit(approved);
  venue.submit(approved);

  // @ts-expect-error A bare order carries no approval.
  await broker.submit(ticket);
  // @ts-expect-error Nor does it at the simulated venue.
  venue.submit(ticket);
  // @ts-expect-error The policy's name is no approval: the brand is a symbol that only the gate's file can write.
  await broker.submit({ ...ticket, policy_sha256: "0".repeat(64) });
  // @ts-expect-error An order does not become approved by being declared so.
  const claimed: RiskApproved<OrderTicket> = ticket;
  // @ts-expect-error A change of an order is approved as an order is.
  await broker.change(change);
  // @ts-expect-error An approval of something else is none.
  await broker.submit(claimed as RiskApproved<{ readonly order_id: string }>);
}

const file = fileURLToPath(import.meta.url);
const root = fileURLToPath(new URL("../..", import.meta.url));

/** Errors of this file, as the project's compiler options see `text` in its place. */
function errorsOf(text: string): readonly string[] {
  const { config } = ts.readConfigFile(`${root}tsconfig.json`, ts.sys.readFile);
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, root);
  const host = ts.createCompilerHost(options);
  const read = host.readFile.bind(host);
  host.readFile = (name) => (name === file ? text : read(name));
  const program = ts.createProgram([file], options, host);
  const source = program.getSourceFile(file);
  return program.getSemanticDiagnostics(source).map((d) => ts.flattenDiagnosticMessageText(d.messageText, "\n"));
}

describe("an order without the gate's approval", () => {
  const text = readFileSync(file, "utf8");

  it("does not compile, however it is offered to a broker or a venue", () => {
    expect(attempts).toBeTypeOf("function");
    expect(errorsOf(text)).toEqual([]);
    const errors = errorsOf(text.replaceAll(/^ {2}\/\/ @ts-expect-error.*$/gm, ""));
    expect(errors).toHaveLength(6);
    for (const error of errors) expect(error).toMatch(/not assignable/);
  });
});
