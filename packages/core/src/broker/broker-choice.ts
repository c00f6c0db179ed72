import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Environment } from "../config/environment.js";
import { ConfigError } from "../errors/config-error.js";

/** Names of the brokers whose packages belong to Chicory. */
export const BrokerType = {
  REDIS: "redis",
  RABBITMQ: "rabbitmq",
  MEMORY: "memory",
} as const;

/** One of {@link BrokerType}, as it stands in config. */
export type BrokerType = (typeof BrokerType)[keyof typeof BrokerType];

/** A chosen broker package: its name, the directories from which it is resolved in turn, and why it was chosen. */
export interface BrokerChoice {
  readonly packageName: string;
  readonly directories: readonly string[];
  /** For messages: "the broker option", "the environment variable CHICORY_BROKER", "the dependencies of ...". */
  readonly reason: string;
}

/** Where a choice is looked for. */
export interface BrokerChoiceSources {
  /** The app's `broker` option, if it is a name. */
  readonly option?: string | undefined;
  readonly environment: Environment;
  /** Directory of the module that made the app, if it is known. */
  readonly appDirectory?: string | undefined;
  readonly workingDirectory: string;
}

const OFFICIAL = /^@chicory\/broker-[a-z0-9-]+$/;
const THIRD_PARTY = /^(?:@[a-z0-9-._~]+\/)?chicory-broker-[a-z0-9-._~]+$/;
const VARIABLE = "CHICORY_BROKER";
const INSTALL = "npm install @chicory/broker-redis (or another broker package)";

/**
 * Chooses the broker package, by the first that is given: the option, `CHICORY_BROKER`, the only broker package among
 * the `dependencies` of the project's package.json. Throws a {@link ConfigError} that says what to install or set if
 * there is none, or more than one.
 */
export function chooseBroker(sources: BrokerChoiceSources): BrokerChoice {
  const { option, environment, workingDirectory } = sources;
  const directories =
    sources.appDirectory === undefined ? [workingDirectory] : [sources.appDirectory, workingDirectory];
  if (option !== undefined) {
    return { packageName: toPackageName(option), directories, reason: "the broker option of the app" };
  }
  const variable = environment.variables[VARIABLE];
  if (variable !== undefined && variable !== "") {
    return { packageName: toPackageName(variable), directories, reason: `the environment variable ${VARIABLE}` };
  }
  const line = environment.dotenv[VARIABLE];
  if (line !== undefined && line !== "") {
    return { packageName: toPackageName(line), directories, reason: `${VARIABLE} in the file .env` };
  }
  return chooseByDependencies(directories);
}

function chooseByDependencies(directories: readonly string[]): BrokerChoice {
  const seen: string[] = [];
  for (const start of directories) {
    const manifest = nearestManifest(start);
    if (manifest === undefined || seen.includes(manifest)) continue;
    seen.push(manifest);
    const found = brokerDependencies(manifest);
    if (found.length > 1) {
      throw new ConfigError(
        `${manifest} depends on several brokers (${found.join(", ")}): set ${VARIABLE} to the one to use, or pass it as new Chicory({ broker })`,
      );
    }
    const [packageName] = found;
    if (packageName !== undefined) {
      return { packageName, directories: [dirname(manifest)], reason: `the dependencies in ${manifest}` };
    }
  }
  const where = seen.length === 0 ? "no package.json was found" : `${seen.join(" and ")} depends on none`;
  throw new ConfigError(
    `No broker is installed: ${where}. Run ${INSTALL}, or set ${VARIABLE}, or pass new Chicory({ broker })`,
  );
}

/** "redis" stands for "@chicory/broker-redis"; anything that is no known name is a package's name already. */
function toPackageName(broker: string): string {
  const known = Object.values(BrokerType).find((type) => type === broker.trim().toLowerCase());
  return known === undefined ? broker.trim() : `@chicory/broker-${known}`;
}

function nearestManifest(start: string): string | undefined {
  for (let directory = start; ; directory = dirname(directory)) {
    const manifest = join(directory, "package.json");
    if (existsSync(manifest)) return manifest;
    if (directory === dirname(directory)) return undefined;
  }
}

function brokerDependencies(manifest: string): readonly string[] {
  let content: unknown;
  try {
    content = JSON.parse(readFileSync(manifest, "utf8"));
  } catch (cause) {
    throw new ConfigError(`${manifest} is not readable as JSON, and is needed to find the broker`, { cause });
  }
  const dependencies: unknown =
    typeof content === "object" && content !== null ? Reflect.get(content, "dependencies") : {};
  const names = typeof dependencies === "object" && dependencies !== null ? Object.keys(dependencies) : [];
  return names.filter((name) => OFFICIAL.test(name) || THIRD_PARTY.test(name));
}
