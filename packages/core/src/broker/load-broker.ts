import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import * as v from "valibot";
import type { BrokerPackage } from "../driver/broker-package.js";
import { ConfigError } from "../errors/config-error.js";
import type { BrokerChoice } from "./broker-choice.js";

/** What a broker package's entry must export; the schema is looked at for being one, not for its content. */
const packageShape = v.looseObject({
  brokerName: v.string(),
  configSchema: v.looseObject({ kind: v.literal("schema"), entries: v.record(v.string(), v.unknown()) }),
  createDriver: v.function(),
});

/**
 * Imports a chosen broker package as the user's project sees it. Throws a {@link ConfigError} that says what to
 * install if it is not there, and what is missing if it is no broker package.
 */
export async function loadBroker({ packageName, directories, reason }: BrokerChoice): Promise<BrokerPackage> {
  const found = await importFrom(packageName, directories, reason);
  if (v.is(packageShape, found)) return found as unknown as BrokerPackage;
  throw new ConfigError(
    `"${packageName}", chosen by ${reason}, is no broker package: its entry must export brokerName, configSchema and createDriver`,
  );
}

async function importFrom(packageName: string, directories: readonly string[], reason: string): Promise<unknown> {
  try {
    return await import(locate(packageName, directories));
  } catch (cause) {
    if (!isNotFound(cause, packageName)) {
      throw new ConfigError(`The broker package "${packageName}" fails while it is loaded`, { cause });
    }
    throw new ConfigError(
      `The broker package "${packageName}", chosen by ${reason}, is not installed: run npm install ${packageName}`,
      { cause },
    );
  }
}

/** The package as seen from the project; if it cannot be found there, the bare name as seen from this package. */
function locate(packageName: string, directories: readonly string[]): string {
  for (const directory of directories) {
    try {
      return pathToFileURL(createRequire(join(directory, "package.json")).resolve(packageName)).href;
    } catch {
      // Not to be seen from here, or an entry for `import` alone, which `require.resolve` does not know.
    }
  }
  return packageName;
}

function isNotFound(error: unknown, packageName: string): boolean {
  if (!(error instanceof Error)) return false;
  const code: unknown = Reflect.get(error, "code");
  return (code === "ERR_MODULE_NOT_FOUND" || code === "MODULE_NOT_FOUND") && error.message.includes(packageName);
}
