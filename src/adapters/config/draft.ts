/** A file of which only the faultless parts are there: what the schema check left whole. */
export type Draft<T> = T extends readonly (infer Item)[]
  ? (Draft<Item> | null)[]
  : T extends object
    ? { [K in keyof T]?: Draft<T[K]> | undefined }
    : T;
