import nodeModule from "node:module";
import { loadSource } from "./load-source.js";
import { sourceFor } from "./source-file.js";

/** `module.registerHooks`, as far as it is used here; the types are those of Node 20. */
type RegisterHooks = (hooks: {
  readonly resolve: (
    specifier: string,
    context: { readonly parentURL?: string | undefined },
    nextResolve: (specifier: string, context: object) => unknown,
  ) => unknown;
  readonly load: (url: string, context: object, nextLoad: (url: string, context: object) => unknown) => unknown;
}) => void;

/**
 * The first release line that warns about hooks in another thread, which it is about to lose. Some earlier ones have
 * hooks in the same thread too, but up to 24.0 a CommonJS source that came from a hook cannot `require` an ES module.
 */
const FIRST_MAJOR = 26;

/** Registers hooks that run in this thread and serve `import` and `require` alike; returns false where Node cannot. */
export function registerSyncHooks(): boolean {
  const registerHooks: unknown = Reflect.get(nodeModule, "registerHooks");
  const major = Number.parseInt(process.versions.node, 10);
  if (major < FIRST_MAJOR || typeof registerHooks !== "function") return false;
  (registerHooks as RegisterHooks)({
    resolve(specifier, context, nextResolve) {
      try {
        return nextResolve(specifier, context);
      } catch (error) {
        const source = sourceFor(specifier, context.parentURL);
        if (source === undefined) throw error;
        return nextResolve(source, context);
      }
    },
    load(url, context, nextLoad) {
      const loaded = loadSource(url);
      return loaded === undefined ? nextLoad(url, context) : { ...loaded, shortCircuit: true };
    },
  });
  return true;
}
