import type { BrokerDriver } from "@chicory/core";
import { brokerDefects } from "./broker-defects.js";
import { deadLetterDefects } from "./dead-letter-defects.js";
import type { Defect } from "./defect.js";
import { mutantDefects } from "./mutant-defects.js";
import { processDefects } from "./process-defects.js";
import { settlingDefects } from "./settling-defects.js";

/** Every seeded defect. */
export const defects: readonly Defect[] = [
  ...settlingDefects,
  ...deadLetterDefects,
  ...brokerDefects,
  ...processDefects,
  ...mutantDefects,
];

/** The defect of a name that any broker's driver can have. Throws, naming those, if there is none. */
export function defectOfAnyDriver(name: string): Defect {
  const possible = defects.filter(({ anyDriver }) => anyDriver !== undefined);
  const defect = possible.find((one) => one.name === name);
  if (defect !== undefined) return defect;
  throw new Error(`"${name}" is no defect of a real driver: take ${possible.map((one) => one.name).join(", ")}`);
}

/** A driver with a defect. */
export function withDefect(name: string, sound: BrokerDriver): BrokerDriver {
  return defectOfAnyDriver(name).anyDriver?.(sound) ?? sound;
}
