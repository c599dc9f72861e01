/** Decimals in which balances of a currency are kept. */

/** ISO 4217 currencies whose minor unit is a hundredth. */
const HUNDREDTHS =
  "AED ARS AUD BGN BRL CAD CHF CNY COP CZK DKK EGP EUR GBP HKD HUF IDR ILS INR MXN MYR NOK NZD PEN PHP PLN QAR RON RUB SAR SEK SGD THB TRY TWD UAH USD ZAR";
/** ISO 4217 currencies without a minor unit. */
const WHOLE = "CLP ISK JPY KRW PYG UGX VND";
const THOUSANDTHS = "BHD IQD JOD KWD LYD OMR TND";
/** What crypto venues keep balances in; also right for anything that is no ISO currency, because more digits lose nothing. */
const CRYPTO_SCALE = 8;

const SCALES: ReadonlyMap<string, number> = new Map(
  [
    [HUNDREDTHS, 2],
    [WHOLE, 0],
    [THOUSANDTHS, 3],
  ].flatMap(([codes, scale]) =>
    String(codes)
      .split(" ")
      .map((code) => [code, Number(scale)] as const),
  ),
);

/** The scale of a currency's balances: the ISO 4217 minor unit, or 8 for everything else. */
export function currencyScale(code: string): number {
  return SCALES.get(code) ?? CRYPTO_SCALE;
}
