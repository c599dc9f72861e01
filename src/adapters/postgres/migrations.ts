import { schemaV1 } from "./schema-v1.js";
import { schemaV2 } from "./schema-v2.js";
import { schemaV3 } from "./schema-v3.js";

/** One step of the database's form. What was released is never edited: its checksum is kept in every database that took it. */
export interface Migration {
  readonly version: number;
  readonly name: string;
  readonly sql: string;
}

/** Every step, by version, from 1 without gaps. */
export const migrations: readonly Migration[] = [
  { version: 1, name: "tape", sql: schemaV1 },
  { version: 2, name: "projections", sql: schemaV2 },
  { version: 3, name: "imports", sql: schemaV3 },
];
