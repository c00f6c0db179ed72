import type { LoadHook, ResolveHook } from "node:module";
import { loadSource } from "./load-source.js";
import { sourceFor } from "./source-file.js";

/** Module hooks in a thread of their own, for releases of Node whose hooks in the same thread do not do. */

/** What Node does not find, `./name.js` say, is looked for as the TypeScript that becomes it. */
export const resolve: ResolveHook = async (specifier, context, nextResolve) => {
  try {
    return await nextResolve(specifier, context);
  } catch (error) {
    const source = sourceFor(specifier, context.parentURL);
    if (source === undefined) throw error;
    return await nextResolve(source, context);
  }
};

/** Runs TypeScript as the ES module or the CommonJS that it is. */
export const load: LoadHook = async (url, context, nextLoad) => {
  const loaded = loadSource(url);
  if (loaded === undefined) return await nextLoad(url, context);
  // Without a source Node's own loader of CommonJS takes over, with the extensions that `registerTypeScript` added:
  // `require` in a source that came from a hook cannot load ES modules on Node 20.
  if (loaded.format === "commonjs") return { format: "commonjs", shortCircuit: true };
  return { ...loaded, shortCircuit: true };
};
