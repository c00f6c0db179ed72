import { dirname } from "node:path";
import { fileURLToPath } from "node:url";

const FRAME = /(?:\(|at (?:async )?)((?:file:\/\/)?(?:\/|[A-Za-z]:[\\/]).+?):\d+:\d+\)?$/;

/**
 * Directory of the module that called the function `depth` levels above, or undefined if the stack does not tell.
 * It serves to find the package.json of the app, nothing else depends on it.
 */
export function callerDirectory(depth: number): string | undefined {
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = depth + 2;
  const { stack } = new Error();
  Error.stackTraceLimit = limit;
  // Line 0 is the message, line 1 this function.
  const location = FRAME.exec(stack?.split("\n")[depth + 1] ?? "")?.[1];
  if (location === undefined) return undefined;
  return dirname(location.startsWith("file://") ? fileURLToPath(location) : location);
}
