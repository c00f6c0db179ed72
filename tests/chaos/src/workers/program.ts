import { existsSync } from "node:fs";

const NAME = "worker-process.js";

/** The program of a worker process. It is built: it lies beside this when this is built too, else in `dist`. */
export function workerProgram(): URL {
  const found = [`./${NAME}`, `../../dist/${NAME}`].map((path) => new URL(path, import.meta.url)).find(existsSync);
  if (found === undefined) throw new Error("The worker process is not built: npm run build");
  return found;
}
