import { createRequire } from "node:module";

/** The version of this package. */
export function version(): string {
  // The sources and the build both stand one folder below the manifest.
  const manifest: unknown = createRequire(import.meta.url)("../package.json");
  const found: unknown =
    typeof manifest === "object" && manifest !== null ? Reflect.get(manifest, "version") : undefined;
  return typeof found === "string" ? found : "unknown";
}
