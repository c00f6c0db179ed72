import type { Settlement } from "../driver/settlement.js";
import { ChicoryError } from "./chicory-error.js";

/**
 * Some settlements of a call did not certainly take. Settlements of the same call that are not among `failed` took, or
 * were lost. Repeating a failed one is safe: if it took after all, the repetition is answered with `lost`.
 */
export class SettlementError extends ChicoryError {
  static override readonly kind = "SettlementError";

  /** Settlements that may or may not have taken; never empty. */
  readonly failed: readonly Settlement[];

  constructor(failed: readonly Settlement[], cause: Error) {
    super("CHICORY_SETTLEMENT", `${failed.length} settlements did not certainly take: ${cause.message}`, { cause });
    this.failed = failed;
    // Settlements hold message bodies: kept out of what a logger or `util.inspect` would print.
    Object.defineProperty(this, "failed", { enumerable: false });
  }
}
