import * as v from "valibot";

/**
 * The schema of one config section: a valibot object whose entries are options. An entry's default is that of
 * `v.optional(schema, default)`; its meaning is `v.description(...)`; `secret()` marks a value that is never printed.
 *
 * Values from the environment arrive as text and are converted by the entry's innermost type: numbers, booleans
 * (`true`, `false`, `1`, `0`), arrays (comma-separated); everything else is taken as it is.
 */
export type ConfigSchema = v.StrictObjectSchema<v.ObjectEntries, undefined>;

/** Marks an option as secret: it prints as `[redacted]` wherever config is shown. */
export function secret<TInput>(): v.MetadataAction<TInput, { readonly secret: true }> {
  return v.metadata({ secret: true } as const);
}
