import type { BrokerPackage, SectionOptions, SectionValues } from "@chicory/core";
import * as v from "valibot";

const DEFAULT_LEASE_MS = 30_000;

/** Shorter leases would be renewed faster than timers are precise. */
const MIN_LEASE_MS = 10;

/** Options of the embedded broker, as they stand in config and in `CHICORY_BROKER_MEMORY_*`. */
export const configSchema = v.strictObject({
  leaseMs: v.optional(
    v.pipe(
      v.number(),
      v.integer(),
      v.minValue(MIN_LEASE_MS),
      v.description("Milliseconds for which a delivery belongs to its consumer; renewed while the consumer lives"),
    ),
    DEFAULT_LEASE_MS,
  ),
  maxLength: v.optional(
    v.pipe(
      v.number(),
      v.integer(),
      v.minValue(1),
      v.description("Most messages in one queue; further ones are refused. No limit if not given"),
    ),
  ),
  seed: v.optional(
    v.pipe(
      v.number(),
      v.integer(),
      v.minValue(0),
      v.description("Plays calls in a pseudo-random order that this number decides, to find races"),
    ),
  ),
}) satisfies BrokerPackage["configSchema"];

/** Resolved options. */
export type MemoryConfig = SectionValues<typeof configSchema>;

/** Options to write; every one may be left out. */
export type MemoryConfigOptions = SectionOptions<typeof configSchema>;

declare module "@chicory/core" {
  interface BrokerConfigs {
    memory: MemoryConfigOptions;
  }
}
