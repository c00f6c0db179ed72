import type { Delivery } from "../driver/delivery.js";
import type { Settlement } from "../driver/settlement.js";
import { ChicoryError } from "./chicory-error.js";

/**
 * Some settlements of a call did not certainly take. Those whose deliveries are neither among `failed` nor among `lost`
 * took. Repeating a failed one is safe: if it took after all, the repetition is answered with `lost`.
 */
export class SettlementError extends ChicoryError {
  static override readonly kind = "SettlementError";

  /** Settlements that may or may not have taken; never empty. */
  readonly failed: readonly Settlement[];
  /** Deliveries of the call that this consumer no longer held, as `SettleResult.lost` would have named them. */
  readonly lost: readonly Delivery[];

  constructor(failed: readonly Settlement[], cause: Error, lost: readonly Delivery[] = []) {
    super("CHICORY_SETTLEMENT", `${failed.length} settlements did not certainly take: ${cause.message}`, { cause });
    this.failed = failed;
    this.lost = lost;
    // Settlements hold message bodies: kept out of what a logger or `util.inspect` would print.
    Object.defineProperty(this, "failed", { enumerable: false });
    Object.defineProperty(this, "lost", { enumerable: false });
  }
}
