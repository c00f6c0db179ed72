import type { Chicory } from "@chicory/core";

/**
 * Whether a value is an app. It is told by its shape: an app that another installed copy of core made is one too, and
 * `instanceof` would not know it.
 */
export function isApp(value: unknown): value is Chicory {
  return (
    hasMethods(value, ["task", "connect", "close", "describeConfig"]) &&
    hasMethods(Reflect.get(value, "tasks"), ["get", "all", "queues"]) &&
    hasMethods(Reflect.get(value, "broker"), ["driver", "publish", "deadLetters"])
  );
}

function hasMethods(value: unknown, names: readonly string[]): value is object {
  return (
    typeof value === "object" && value !== null && names.every((name) => typeof Reflect.get(value, name) === "function")
  );
}
