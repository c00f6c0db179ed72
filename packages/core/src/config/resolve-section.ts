import * as v from "valibot";
import { ConfigError } from "../errors/config-error.js";
import type { ConfigSchema } from "./config-schema.js";
import { type ConfigSection, envVariable, type SectionOptions, type SectionValues } from "./config-section.js";
import { type Environment, readEnvironment } from "./environment.js";
import { describeEntry, fromText, isSecret } from "./schema-entry.js";

/** Where a value came from, in the order in which sources are asked. */
export type ConfigOrigin = "option" | "config" | "environment" | ".env" | "default";

/** Sources of a section's values besides the defaults; each may be missing. */
export interface SectionSources<TSchema extends ConfigSchema> {
  /** Options given in code or as command line flags. Those that are undefined count as not given. */
  readonly explicit?: SectionOptions<TSchema> | undefined;
  /** The section of the app's config object. */
  readonly configured?: unknown;
  /** The current environment and `.env` if not given. */
  readonly environment?: Environment;
}

/** One option of a section as it was resolved. */
export interface ResolvedOption {
  readonly name: string;
  /** Path in the config object, such as "broker.redis.port". */
  readonly path: string;
  /** The environment variable that can set it. */
  readonly variable: string;
  readonly value: unknown;
  readonly origin: ConfigOrigin;
  readonly secret: boolean;
  readonly description: string | undefined;
}

/** A section with every value known. */
export interface ResolvedSection<TSchema extends ConfigSchema> {
  readonly values: SectionValues<TSchema>;
  readonly options: readonly ResolvedOption[];
}

/**
 * Resolves a section, option by option: explicit option, config object, environment, `.env`, default. Throws a
 * {@link ConfigError} that names the place of a value that is not acceptable and what would be; a secret's value is
 * not shown.
 */
export function resolveSection<TSchema extends ConfigSchema>(
  section: ConfigSection<TSchema>,
  sources: SectionSources<TSchema> = {},
): ResolvedSection<TSchema> {
  const { environment = readEnvironment() } = sources;
  const explicit = toRecord(sources.explicit ?? {}, section, "options");
  const configured = toRecord(sources.configured ?? {}, section, "config");
  const options = Object.entries(section.schema.entries).map(([name, entry]): ResolvedOption => {
    const variable = envVariable(section, name);
    const [origin, given] = find(name, variable, entry, explicit, configured, environment);
    const parsed = v.safeParse(entry, given);
    const path = section.path === "" ? name : `${section.path}.${name}`;
    if (!parsed.success) throw refusal(entry, given, parsed.issues[0], placeOf(origin, path, variable));
    return {
      name,
      path,
      variable,
      value: parsed.output,
      origin,
      secret: isSecret(entry),
      description: describeEntry(entry),
    };
  });
  const values = Object.fromEntries(options.map(({ name, value }) => [name, value]));
  // Each entry was parsed by its own schema above, so the record is what the object schema would give.
  return { values: values as SectionValues<TSchema>, options };
}

function find(
  name: string,
  variable: string,
  entry: v.GenericSchema,
  explicit: Readonly<Record<string, unknown>>,
  configured: Readonly<Record<string, unknown>>,
  { variables, dotenv }: Environment,
): [ConfigOrigin, unknown] {
  if (explicit[name] !== undefined) return ["option", explicit[name]];
  if (configured[name] !== undefined) return ["config", configured[name]];
  // An empty variable counts as not set: that is how a shell or a compose file unsets one.
  const text = variables[variable];
  if (text !== undefined && text !== "") return ["environment", fromText(entry, text)];
  const line = dotenv[variable];
  if (line !== undefined && line !== "") return [".env", fromText(entry, line)];
  return ["default", undefined];
}

function placeOf(origin: ConfigOrigin, path: string, variable: string): string {
  switch (origin) {
    case "environment":
      return `The environment variable ${variable}`;
    case ".env":
      return `${variable} in the file .env`;
    case "option":
      return `The option ${path}`;
    case "config":
      return `${path} in the config object`;
    case "default":
      return `The option ${path} (environment variable ${variable}), which is required,`;
  }
}

function refusal(entry: v.GenericSchema, given: unknown, issue: v.BaseIssue<unknown>, place: string): ConfigError {
  const shown = given === undefined ? "missing" : isSecret(entry) ? "not acceptable" : JSON.stringify(given);
  const expected = expectation(issue);
  const description = describeEntry(entry);
  const meaning = description === undefined ? "" : ` (${description.replace(/\.$/, "")})`;
  return new ConfigError(`${place} is ${shown}, and must be ${expected}${meaning}`);
}

/** The schema's own words where it has some: what a regular expression accepts is not for people to read. */
function expectation({ message, expected }: v.BaseIssue<unknown>): string {
  const isOwn = !message.startsWith("Invalid ");
  return isOwn || expected === null ? message : expected.replaceAll('"', "");
}

function toRecord(value: unknown, section: ConfigSection, kind: string): Readonly<Record<string, unknown>> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new ConfigError(`The ${kind} of section "${section.path}" must be an object`);
  }
  for (const name of Object.keys(value)) {
    if (Object.hasOwn(section.schema.entries, name)) continue;
    const known = Object.keys(section.schema.entries).join(", ");
    throw new ConfigError(`"${name}" is no option of section "${section.path}": the options are ${known}`);
  }
  return value as Readonly<Record<string, unknown>>;
}
