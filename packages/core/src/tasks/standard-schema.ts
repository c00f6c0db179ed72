/**
 * The Standard Schema interface, version 1, which valibot, zod, arktype and others implement: only the parts that
 * Chicory uses. See https://standardschema.dev.
 */
export interface StandardSchema<TInput = unknown, TOutput = TInput> {
  readonly "~standard": {
    readonly version: 1;
    readonly vendor: string;
    readonly validate: (value: unknown) => StandardResult<TOutput> | Promise<StandardResult<TOutput>>;
    readonly types?: { readonly input: TInput; readonly output: TOutput } | undefined;
  };
}

/** What a schema answers: a value, or issues. */
export type StandardResult<TOutput> =
  | { readonly value: TOutput; readonly issues?: undefined }
  | { readonly issues: readonly StandardIssue[] };

/** One complaint of a schema. */
export interface StandardIssue {
  readonly message: string;
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
}

/** What a sender passes for a task with this schema. */
export type InferInput<TSchema extends StandardSchema> = NonNullable<TSchema["~standard"]["types"]>["input"];

/** What a handler receives for a task with this schema. */
export type InferOutput<TSchema extends StandardSchema> = NonNullable<TSchema["~standard"]["types"]>["output"];
