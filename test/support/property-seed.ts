import fc from "fast-check";

/**
 * Every property test starts from this seed, so that one commit gives one verdict on every machine. `ONETAPE_SEED` takes another number, or
 * `random` to explore; a failure prints the seed it ran under.
 */
const FIXED_SEED = 20_240_102;

function seedOf(asked: string | undefined): number | undefined {
  if (asked === undefined || asked === "") return FIXED_SEED;
  if (asked === "random") return undefined;
  if (!/^-?\d{1,10}$/.test(asked)) throw new Error(`ONETAPE_SEED is ${JSON.stringify(asked)}; expected a whole number, or random`);
  return Number(asked);
}

const seed = seedOf(process.env["ONETAPE_SEED"]);
if (seed !== undefined) fc.configureGlobal({ ...fc.readConfigureGlobal(), seed });
