/** What an option of a config section takes, in words: the type and its limits, from its valibot schema. */
export function accepted(entry) {
  const [schema, actions] = unwrap(entry);
  const limits = new Map(actions.map(({ type, requirement }) => [type, requirement]));
  switch (schema.type) {
    case "number":
      return `${limits.has("integer") ? "whole number" : "number"}${range(limits)}`;
    case "boolean":
      return "`true` or `false`";
    case "picklist":
      return schema.options.map((option) => `\`${option}\``).join(", ");
    case "array":
      return "list, comma-separated in the environment";
    default:
      return "text";
  }
}

/** The innermost schema, and the actions of every pipe around it. */
function unwrap(entry) {
  if (entry.wrapped !== undefined) return unwrap(entry.wrapped);
  if (!Array.isArray(entry.pipe)) return [entry, []];
  const [first, ...actions] = entry.pipe;
  if (first === entry || first.pipe === undefined) return [first, actions];
  const [schema, inner] = unwrap(first);
  return [schema, [...inner, ...actions]];
}

function range(limits) {
  const least = limits.get("min_value");
  const most = limits.get("max_value");
  if (least === undefined && most === undefined) return "";
  if (most === undefined) return ` from ${grouped(least)}`;
  return `, ${least === undefined ? "at most" : `${grouped(least)} to`} ${grouped(most)}`;
}

function grouped(number) {
  return number.toLocaleString("en");
}
