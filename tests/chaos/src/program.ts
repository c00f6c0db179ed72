import { existsSync } from "node:fs";

/** The program of a process of the load. It is built: it lies beside this when this is built too, else in `dist`. */
export function program(name: "worker-process" | "producer-process"): URL {
  const places = [`./${name}.js`, `../dist/${name}.js`];
  const found = places.map((path) => new URL(path, import.meta.url)).find(existsSync);
  if (found === undefined) throw new Error(`The program ${name} is not built: npm run build`);
  return found;
}
