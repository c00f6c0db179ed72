import type { InvalidInputError } from "../errors/message-errors.js";

/** How an attempt ended: the handler returned, it (or middleware) threw, or the schema refused the input before it. */
export type AttemptResult =
  | { readonly kind: "returned"; readonly value: unknown }
  | { readonly kind: "threw"; readonly error: unknown }
  | { readonly kind: "refused"; readonly error: InvalidInputError };
