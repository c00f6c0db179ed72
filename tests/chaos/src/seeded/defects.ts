import type { Defect } from "./defect.js";
import { mutantDefects } from "./mutant-defects.js";
import { brokerDefects, processDefects } from "./other-defects.js";
import { settlingDefects } from "./settling-defects.js";

/** Every seeded defect. */
export const defects: readonly Defect[] = [...settlingDefects, ...brokerDefects, ...processDefects, ...mutantDefects];
