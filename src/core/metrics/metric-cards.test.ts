import { expect, test } from "vitest";
import { generatedYears, measuresOf, trade } from "../../../test/support/run-measures.js";
import { metricCards, tableCards } from "./metric-cards.js";
import { runMetrics } from "./run-metrics.js";

const cards = [...metricCards(), ...tableCards()];

test("every card has an id of its own, a name, a group, a unit and a definition that ends like a sentence", () => {
  expect(new Set(cards.map((c) => c.id)).size).toBe(cards.length);
  for (const card of cards) {
    expect(card.name, card.id).not.toBe("");
    expect(card.group, card.id).not.toBe("");
    expect(card.definition, card.id).toMatch(/[.)]$/);
    expect(card.calc.calc_name).toBe(`perf.${card.id}`);
  }
});

test("a metric named in a definition or a note exists", () => {
  const ids = new Set(cards.map((c) => c.id));
  for (const card of cards) {
    for (const [, id = ""] of [card.definition, ...card.notes].join(" ").matchAll(/`([a-z]+(?:\.[a-z0-9_]+)+)`/g)) {
      expect(ids.has(id) || id.startsWith("parameters."), `${card.id} names ${id}`).toBe(true);
    }
  }
});

test("a metric gives no reason that its card does not list", () => {
  const runs = [
    measuresOf(100_00n, []),
    measuresOf(0n, []),
    measuresOf(100_00n, [100_00n, 100_00n]),
    measuresOf(100_00n, [101_00n]),
    measuresOf(100_00n, [90_00n, 80_00n, 95_00n]),
    measuresOf(100_00n, [50_00n, -1n, 20_00n]),
    measuresOf(100_00n, [], { trades: [trade(5n)] }),
    measuresOf(100_00n, [], { trades: [trade(-5n, { entry_notional: 0n })] }),
    generatedYears(),
  ];
  for (const run of runs) {
    const { metrics, tables } = runMetrics(run);
    for (const card of cards) {
      const reason = (metrics[card.id] ?? tables[card.id])?.reason;
      if (reason !== undefined && reason !== "OUT_OF_RANGE")
        expect(
          card.reasons.map((r) => r.code),
          card.id,
        ).toContain(reason);
    }
  }
});
