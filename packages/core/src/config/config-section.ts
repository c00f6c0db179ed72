import type * as v from "valibot";
import type { ConfigSchema } from "./config-schema.js";

/** A named group of options: where it stands in a config object, and how its environment variables begin. */
export interface ConfigSection<TSchema extends ConfigSchema = ConfigSchema> {
  /** Dotted path in the config object, such as "broker.redis"; empty for the app's own options. */
  readonly path: string;
  /** Such as "CHICORY_BROKER_REDIS_". */
  readonly envPrefix: string;
  readonly schema: TSchema;
}

/** The section of a broker: `broker.<name>` and `CHICORY_BROKER_<NAME>_*`. */
export function brokerSection<TSchema extends ConfigSchema>(
  brokerName: string,
  schema: TSchema,
): ConfigSection<TSchema> {
  return { path: `broker.${brokerName}`, envPrefix: `CHICORY_BROKER_${toEnvName(brokerName)}_`, schema };
}

/** The environment variable of an option: `keyPrefix` in the Redis section is `CHICORY_BROKER_REDIS_KEY_PREFIX`. */
export function envVariable(section: ConfigSection, option: string): string {
  return section.envPrefix + toEnvName(option);
}

function toEnvName(name: string): string {
  return name
    .replace(/([a-z0-9])([A-Z])/g, "$1_$2")
    .replace(/[^A-Za-z0-9]+/g, "_")
    .toUpperCase();
}

/** What a section's options look like to somebody who writes them: every one may be left out. */
export type SectionOptions<TSchema extends ConfigSchema> = Partial<v.InferInput<TSchema>>;

/** What a section's options look like when they are resolved. */
export type SectionValues<TSchema extends ConfigSchema> = v.InferOutput<TSchema>;
