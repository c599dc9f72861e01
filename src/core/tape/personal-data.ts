import type { TSchema } from "typebox";

/** Words that make a field one of personal data wherever they stand in its name. */
const PERSONAL_WORDS: ReadonlySet<string> = new Set([
  "address",
  "birth",
  "birthday",
  "birthdate",
  "email",
  "holder",
  "iban",
  "ip",
  "mail",
  "mobile",
  "nationality",
  "passport",
  "phone",
  "postcode",
  "ssn",
  "surname",
  "telephone",
  "zipcode",
]);

/** Words that make a name one of a person. */
const PERSON_WORDS: ReadonlySet<string> = new Set([
  "approver",
  "client",
  "contact",
  "customer",
  "display",
  "family",
  "first",
  "full",
  "given",
  "last",
  "legal",
  "middle",
  "operator",
  "owner",
  "person",
  "trader",
  "user",
]);

/** Things whose `name` names no person. */
const NAMED_THINGS: ReadonlySet<string> = new Set([
  "calculation",
  "calc",
  "catalogue",
  "data",
  "indicator",
  "instrument",
  "metric",
  "policy",
  "strategy",
  "venue",
]);

/**
 * JSON pointers of the fields of a payload schema that would put personal data on the tape.
 *
 * The tape is never rewritten, so a person could not be removed from it. Operators appear as opaque ids; their names live elsewhere.
 */
export function personalDataFields(schema: TSchema): readonly string[] {
  const found: string[] = [];
  visit(schema, "", "", found);
  return found;
}

function visit(schema: unknown, path: string, owner: string, found: string[]): void {
  if (typeof schema !== "object" || schema === null) return;
  for (const [keyword, value] of Object.entries(schema)) {
    if (keyword === "properties" && typeof value === "object" && value !== null) {
      for (const [name, member] of Object.entries(value)) {
        const field = `${path}/${name}`;
        if (isPersonal(name, owner)) found.push(field);
        visit(member, field, name, found);
      }
    } else if (keyword !== "const" && keyword !== "enum") visit(value, path, owner, found);
  }
}

/** `username` is two words, and many e-mails are personal like one. */
function partsOf(word: string): readonly string[] {
  const one = PERSONAL_WORDS.has(word) ? word : word.replace(/(?<=ss)es$|(?<!s)s$/, "");
  const whose = /^(.+)name$/.exec(one)?.[1];
  return whose !== undefined && PERSON_WORDS.has(whose) ? [whose, "name"] : [one];
}

function isPersonal(name: string, owner: string): boolean {
  const words = name
    .replace(/([a-z0-9])([A-Z])/g, "$1_$2")
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .flatMap(partsOf);
  if (words.some((word) => PERSONAL_WORDS.has(word))) return true;
  if (!words.includes("name")) return false;
  return words.length === 1 ? !NAMED_THINGS.has(owner) : words.some((word) => PERSON_WORDS.has(word));
}
