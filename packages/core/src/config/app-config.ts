import * as v from "valibot";
import { DELIVERY_MODES, DeliveryMode } from "../delivery-mode.js";
import { DEFAULT_MAX_MESSAGE_BYTES } from "../wire/limits.js";
import type { ConfigSection, SectionOptions } from "./config-section.js";

const appSchema = v.strictObject({
  deliveryMode: v.optional(
    v.pipe(v.picklist(DELIVERY_MODES), v.description("Delivery mode of tasks that name none")),
    DeliveryMode.AT_LEAST_ONCE,
  ),
  maxMessageBytes: v.optional(
    v.pipe(v.number(), v.integer(), v.minValue(1_024), v.description("Largest encoded message that is sent, in bytes")),
    DEFAULT_MAX_MESSAGE_BYTES,
  ),
  publishTimeoutMs: v.optional(
    v.pipe(
      v.number(),
      v.integer(),
      v.minValue(1),
      v.description("Longest time until a send resolves or rejects, repetitions included, in milliseconds"),
    ),
    10_000,
  ),
});

/** The app's own options: `CHICORY_DELIVERY_MODE`, `CHICORY_MAX_MESSAGE_BYTES`, `CHICORY_PUBLISH_TIMEOUT_MS`. */
export const appSection: ConfigSection<typeof appSchema> = { path: "", envPrefix: "CHICORY_", schema: appSchema };

/** The app's own options as they are written in code. */
export type AppOptions = SectionOptions<typeof appSchema>;

/**
 * Options of brokers by broker name. Each broker package adds its own by module augmentation, so that
 * `defineConfig` knows what is installed.
 */
// biome-ignore lint/suspicious/noEmptyInterface: packages add their members
export interface BrokerConfigs {}

/** Options of the worker, added by the worker package. */
// biome-ignore lint/suspicious/noEmptyInterface: the worker package adds its members
export interface WorkerConfig {}

/** The config object: what is not given here comes from the environment, `.env`, or a default. */
export interface ChicoryConfig extends AppOptions {
  readonly broker?: Readonly<Partial<BrokerConfigs>> & Readonly<Record<string, object | undefined>>;
  readonly worker?: WorkerConfig;
}

/** Returns its argument: it is there for the types. */
export function defineConfig<TConfig extends ChicoryConfig>(config: TConfig): TConfig {
  return config;
}
