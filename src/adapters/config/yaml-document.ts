import { type Document, isAlias, isMap, isPair, isScalar, isSeq, LineCounter, type Node, parseAllDocuments, visit } from "yaml";
import type { Violation } from "../../core/quality/violation.js";

/** Line and column, both from 1. */
export interface Place {
  readonly line: number;
  readonly column: number;
}

/** A value of a YAML file that still knows where it stands and how it was written. */
export type LocatedNode =
  | { readonly kind: "scalar"; readonly place: Place; readonly value: null | boolean | number | string; readonly source: string }
  | { readonly kind: "list"; readonly place: Place; readonly items: readonly LocatedNode[] }
  | { readonly kind: "map"; readonly place: Place; readonly entries: ReadonlyMap<string, LocatedEntry> };

export interface LocatedEntry {
  readonly keyPlace: Place;
  readonly node: LocatedNode;
}

export type ParsedYaml =
  | { readonly kind: "parsed"; readonly root: LocatedNode }
  | { readonly kind: "invalid"; readonly violations: readonly Violation[] };

/** Parses one YAML 1.2 document (JSON included). Every fault of syntax is reported, duplicate keys among them. */
export function parseYaml(file: string, text: string): ParsedYaml {
  const counter = new LineCounter();
  const documents = parseAllDocuments(text, { lineCounter: counter, uniqueKeys: true, prettyErrors: false });
  const at = (offset: number): Place => {
    const { line, col } = counter.linePos(offset);
    return { line: Math.max(line, 1), column: Math.max(col, 1) };
  };
  const violations: Violation[] = [];
  const report = (code: string, message: string, offset: number): void => {
    violations.push({ code, message, file, ...at(offset) });
  };
  if (!Array.isArray(documents) || documents.length === 0) {
    return {
      kind: "invalid",
      violations: [
        { code: "CONFIG_EMPTY", message: "the file is empty", file, line: 1, column: 1, expected: "a mapping of keys to values" },
      ],
    };
  }
  const document = documents[0] as Document;
  const second = documents[1];
  if (second !== undefined) report("CONFIG_SYNTAX", "a second document starts here; one file holds one document", second.range[0]);
  for (const error of document.errors)
    report(error.code === "DUPLICATE_KEY" ? "CONFIG_DUPLICATE_KEY" : "CONFIG_SYNTAX", error.message, error.pos[0]);
  for (const warning of document.warnings) report("CONFIG_SYNTAX", warning.message, warning.pos[0]);
  visit(document, {
    Pair(_, pair) {
      if (!isScalar(pair.key)) report("CONFIG_SYNTAX", "a key is not plain text", startOf(pair.key as Node | null));
    },
    Alias(_, alias) {
      if (alias.resolve(document) === undefined) report("CONFIG_SYNTAX", `the alias *${alias.source} names no anchor`, startOf(alias));
    },
  });
  if (violations.length > 0) return { kind: "invalid", violations };
  return { kind: "parsed", root: locate(document, document.contents as Node | null, at, 0) };
}

function locate(document: Document, node: Node | null, at: (offset: number) => Place, fallback: number): LocatedNode {
  const offset = node === null ? fallback : startOf(node);
  const place = at(offset);
  if (isAlias(node)) return { ...locate(document, node.resolve(document) as Node, at, offset), place };
  if (isMap(node)) {
    const entries = new Map<string, LocatedEntry>();
    for (const pair of node.items) {
      if (!isPair(pair) || !isScalar(pair.key)) continue;
      const keyOffset = startOf(pair.key);
      entries.set(String(pair.key.value), { keyPlace: at(keyOffset), node: locate(document, pair.value as Node | null, at, keyOffset) });
    }
    return { kind: "map", place, entries };
  }
  if (isSeq(node)) return { kind: "list", place, items: node.items.map((item) => locate(document, item as Node | null, at, offset)) };
  if (isScalar(node)) {
    const { value } = node;
    const plain =
      value === null || typeof value === "boolean" || typeof value === "number" || typeof value === "string" ? value : String(value);
    return { kind: "scalar", place, value: plain, source: node.source ?? String(plain) };
  }
  return { kind: "scalar", place, value: null, source: "" };
}

function startOf(node: Node | null): number {
  return node?.range?.[0] ?? 0;
}

/** The place of a JSON pointer, or of its nearest stated ancestor. */
export function placeOf(root: LocatedNode, pointer: string): Place {
  let node = root;
  for (const name of namesOf(pointer)) {
    const next = childOf(node, name);
    if (next === undefined) break;
    node = next;
  }
  return node.place;
}

/** The node of a JSON pointer, or null where the document has none. */
export function nodeAt(root: LocatedNode, pointer: string): LocatedNode | null {
  let node: LocatedNode | undefined = root;
  for (const name of namesOf(pointer)) node = node === undefined ? undefined : childOf(node, name);
  return node ?? null;
}

function namesOf(pointer: string): readonly string[] {
  return pointer
    .split("/")
    .slice(1)
    .map((part) => part.replaceAll("~1", "/").replaceAll("~0", "~"));
}

function childOf(node: LocatedNode, name: string): LocatedNode | undefined {
  if (node.kind === "map") return node.entries.get(name)?.node;
  return node.kind === "list" ? node.items[Number(name)] : undefined;
}
