import type { Chicory } from "@chicory/core";
import { UsageError } from "../errors/command-error.js";
import type { AppReference } from "./app-reference.js";
import { isApp } from "./app-shape.js";

/** Most exports that a message lists. */
const MAX_LISTED = 20;

/** What Node and compilers add to the exports of a CommonJS module. */
const NOT_EXPORTS: ReadonlySet<string> = new Set(["__esModule", "module.exports"]);

/**
 * Takes the app from what a module exports: the named export; without a name `app`, then the default export. A
 * CommonJS module's exports, which `import` puts below `default`, count as its own. Throws a {@link UsageError} that
 * says what the module exports instead.
 */
export function pickApp(exported: object, { module, exportName }: AppReference): Chicory {
  const exports = flatten(exported);
  if (exportName !== undefined) {
    if (!exports.has(exportName)) {
      throw new UsageError(`The module "${module}" has no export "${exportName}": ${listing(exports, module)}`);
    }
    const value = exports.get(exportName);
    if (isApp(value)) return value;
    throw new UsageError(
      `The export "${exportName}" of the module "${module}" is no Chicory app but ${describe(value)}: ${listing(exports, module)}`,
    );
  }
  const app = [exports.get("app"), exports.get("default")].find(isApp);
  if (app !== undefined) return app;
  throw new UsageError(
    `The module "${module}" exports no Chicory app as "app" or by default: ${listing(exports, module)}`,
  );
}

/** Exports by name; those within `default` stand behind those beside it. */
function flatten(exported: object): ReadonlyMap<string, unknown> {
  const all = new Map<string, unknown>();
  let level = exported;
  // Two levels below: `import()` of CommonJS adds one, a compiler's `exports.default` another.
  for (let depth = 0; depth < 3; depth++) {
    for (const name of Object.keys(level)) {
      if (!NOT_EXPORTS.has(name) && !(all.has(name) && name !== "default")) all.set(name, Reflect.get(level, name));
    }
    const inner: unknown = Reflect.get(level, "default");
    if (!isPlain(inner)) break;
    level = inner;
  }
  return all;
}

/** An object whose fields are exports, not an instance of something. */
function isPlain(value: unknown): value is object {
  if (typeof value !== "object" || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || prototype === Object.prototype;
}

function listing(exports: ReadonlyMap<string, unknown>, module: string): string {
  const apps = [...exports].filter(([, value]) => isApp(value)).map(([name]) => `${module}:${name}`);
  if (apps.length > 0) return `write ${apps.slice(0, MAX_LISTED).join(" or ")}`;
  const names = [...exports.keys()];
  if (names.length === 0) return "it exports nothing";
  const more = names.length > MAX_LISTED ? `, and ${names.length - MAX_LISTED} more` : "";
  return `it exports ${names.slice(0, MAX_LISTED).join(", ")}${more}, and none of them is made by new Chicory()`;
}

function describe(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  if (typeof value !== "object") return `a ${typeof value}`;
  const name: unknown = value.constructor?.name;
  return typeof name === "string" && name !== "" && name !== "Object" ? `an instance of ${name}` : "an object";
}
