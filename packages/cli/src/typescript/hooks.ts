import { readFile } from "node:fs/promises";
import type { LoadHook, ResolveHook } from "node:module";
import { fileURLToPath } from "node:url";
import { moduleKind } from "./module-kind.js";
import { packageType } from "./package-type.js";
import { sourceFor } from "./source-file.js";
import { transpileModule } from "./transpile.js";

/** Module hooks of Node, loaded in a thread of its own by `registerTypeScript`. */

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
  const path = typeScriptPath(url);
  if (path === undefined) return await nextLoad(url, context);
  const source = await readFile(path, "utf8");
  // Without a source Node's own loader of CommonJS takes over, with the extensions that `registerTypeScript` added.
  if (moduleKind(path, source) === "commonjs") return { format: "commonjs", shortCircuit: true };
  const commonjsScope = !path.endsWith(".mts") && (path.endsWith(".cts") || packageType(path) === "commonjs");
  return { format: "module", source: transpileModule(source, path, { commonjsScope }), shortCircuit: true };
};

function typeScriptPath(url: string): string | undefined {
  const [address = ""] = url.split(/[?#]/);
  return address.startsWith("file:") && /\.(?:[cm]?ts|tsx)$/.test(address) ? fileURLToPath(address) : undefined;
}
