import { expect, test } from "vitest";
import { type BookReverseInput, bookReverseStress } from "./book-reverse-stress.js";

const market = {
  as_of: "2026-03-02",
  spots: [{ symbol: "ACME", currency: "USD", price: "100", dividend_yield: "0" }],
  volatilities: [],
  curves: [],
  fx: { pivot: "USD", quotes: [] },
};
const stock = (quantity: string) => ({ id: "s", kind: "stock", quantity, symbol: "ACME", currency: "USD", multiplier: "1" }) as const;
const input = (quantity: string, direction: BookReverseInput["direction"], loss: number): BookReverseInput => ({
  positions: [stock(quantity)],
  market,
  currency: "USD",
  totals: "whole",
  direction,
  loss,
});

// 100 shares at 100 are linear: a loss of 2,500 is a quarter of the price, down for who holds them and up for who owes them.
test("the move is the one that loses just more than was asked, to 1e-6", () => {
  for (const [quantity, direction] of [
    ["100", "spots_fall"],
    ["-100", "spots_rise"],
  ] as const) {
    const found = bookReverseStress(input(quantity, direction, 2_500));
    expect(found.ok ? found.value.move : null).toBeGreaterThanOrEqual(0.25);
    expect(found.ok ? found.value.move : null).toBeLessThan(0.250002);
  }
});

test("a direction that never costs that much says so", () => {
  for (const direction of ["spots_rise", "volatilities_rise", "rates_fall", "rates_rise"] as const)
    expect(bookReverseStress(input("100", direction, 2_500))).toMatchObject({ ok: false, errors: [{ code: "LIMIT_NOT_REACHED" }] });
});
