import { fileURLToPath } from "node:url";

const TYPESCRIPT_ADVICE =
  "; TypeScript with decorators or namespaces needs a build, or NODE_OPTIONS=--import=tsx with tsx installed";

/**
 * What a module threw while it was loaded, and where. Node says of a syntax error only what it met, not in which file:
 * for TypeScript the likeliest reason is added.
 */
export function describeLoadError(error: unknown, isTypeScript: boolean): string {
  if (!(error instanceof Error)) return `a value that is no Error (${typeof error})`;
  const place = placeOf(error);
  const advice = isTypeScript && error instanceof SyntaxError ? TYPESCRIPT_ADVICE : "";
  return `${error.name}: ${error.message}${place === undefined ? "" : ` (${place})`}${advice}`;
}

/** The innermost line of code that is neither Node's nor an installed package's. */
function placeOf({ stack = "" }: Error): string | undefined {
  for (const line of stack.split("\n")) {
    const [, location] =
      /^(?: +at (?:.*\()?|)((?:file:\/\/|\/|[A-Za-z]:[\\/])[^()]*:\d+(?::\d+)?)\)?$/.exec(line) ?? [];
    if (location === undefined || /[\\/]node_modules[\\/]/.test(location)) continue;
    return location.startsWith("file:") ? fileURLToPath(location) : location;
  }
  return undefined;
}
