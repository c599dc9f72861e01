import type { AnyNode, CallExpression } from "acorn";

/** The name of a property where the text states it: `a.name`, `a["name"]`, `` a[`name`] ``; else null. */
export function nameOfKey(key: AnyNode, computed: boolean): string | null {
  if (!computed && key.type === "Identifier") return key.name;
  if (key.type === "Literal") return String(key.value);
  return key.type === "TemplateLiteral" && key.expressions.length === 0 ? (key.quasis[0]?.value.cooked ?? null) : null;
}

/** The name of the method that a call names, with the object it is called on; null for other calls. */
export function methodOf(call: CallExpression): { readonly object: AnyNode; readonly name: string } | null {
  const { callee } = call;
  if (callee.type !== "MemberExpression" || callee.property.type === "PrivateIdentifier") return null;
  const name = nameOfKey(callee.property, callee.computed);
  return name === null ? null : { object: callee.object, name };
}
