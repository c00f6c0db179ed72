import type { Forge } from "../forge.js";
import type { RuleName } from "../rule-name.js";
import type { Terms } from "../terms.js";

/** Two histories on either side of a rule. */
export interface ForgedCase {
  readonly rule: RuleName;
  /** Breaks this rule and no other. */
  readonly broken: Forge;
  /** Differs by little, and breaks none. */
  readonly nearMiss: Forge;
  readonly terms?: Terms;
}
