import { consumingMutants } from "./consuming-mutants.js";
import { deadLetterMutants } from "./dead-letter-mutants.js";
import { delayingMutants } from "./delaying-mutants.js";
import { leaseMutants } from "./lease-mutants.js";
import { lifecycleMutants } from "./lifecycle-mutants.js";
import type { Mutant } from "./mutant.js";
import { publishingMutants } from "./publishing-mutants.js";
import { settlingMutants } from "./settling-mutants.js";

/** Every broken driver. */
export const mutants: readonly Mutant[] = [
  ...publishingMutants,
  ...consumingMutants,
  ...settlingMutants,
  ...delayingMutants,
  ...deadLetterMutants,
  ...leaseMutants,
  ...lifecycleMutants,
];
