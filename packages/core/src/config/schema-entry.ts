import * as v from "valibot";

/** Whether an option is marked with `secret()`. */
export function isSecret(entry: v.GenericSchema): boolean {
  return steps(entry).some((step) => v.getMetadata(step).secret === true);
}

/** The text of an option's `v.description(...)`. */
export function describeEntry(entry: v.GenericSchema): string | undefined {
  return steps(entry)
    .map((step) => v.getDescription(step))
    .find((description) => description !== undefined);
}

/**
 * Converts the text of an environment variable to what the option's innermost type takes. Text that does not convert
 * is left as it is, so that the schema refuses it and the error can show it.
 */
export function fromText(entry: v.GenericSchema, text: string): unknown {
  switch (innermost(entry).type) {
    case "number":
      return /^-?\d+(\.\d+)?$/.test(text.trim()) ? Number(text) : text;
    case "boolean":
      return BOOLEANS.get(text.trim().toLowerCase()) ?? text;
    case "array":
      return text
        .split(",")
        .map((item) => item.trim())
        .filter((item) => item !== "");
    default:
      return text;
  }
}

const BOOLEANS: ReadonlyMap<string, boolean> = new Map([
  ["true", true],
  ["1", true],
  ["yes", true],
  ["on", true],
  ["false", false],
  ["0", false],
  ["no", false],
  ["off", false],
]);

function innermost(entry: v.GenericSchema): v.GenericSchema {
  return steps(entry).at(-1) ?? entry;
}

/** The schema and those that it wraps, outermost first: `optional(pipe(number(), ...))` gives three. */
function steps(entry: v.GenericSchema): readonly v.GenericSchema[] {
  const inner = wrapped(entry);
  return inner === undefined ? [entry] : [entry, ...steps(inner)];
}

function wrapped(entry: v.GenericSchema): v.GenericSchema | undefined {
  if ("wrapped" in entry) return entry.wrapped as v.GenericSchema;
  if ("pipe" in entry && Array.isArray(entry.pipe)) {
    const [first] = entry.pipe as v.GenericSchema[];
    return first === entry ? undefined : first;
  }
  return undefined;
}
