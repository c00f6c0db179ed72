import { isUtf8 } from "node:buffer";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { Ajv2020 } from "ajv/dist/2020.js";

const MAX_DEPTH = 64;

const schemaFile = createRequire(import.meta.url).resolve("@chicory/core/schema/envelope-v1.schema.json");
const fitsSchema = new Ajv2020({ strict: true }).compile(JSON.parse(readFileSync(schemaFile, "utf8")) as object);

/**
 * Whether a body is an envelope by what is published about it: the JSON Schema, and the rules in its description that
 * a schema cannot state. Written apart from the decoder, which is held against it.
 */
export function accepts(body: Buffer): boolean {
  if (!isUtf8(body)) return false;
  let value: unknown;
  try {
    value = JSON.parse(body.toString("utf8"));
  } catch {
    return false;
  }
  return isShallow(body.toString("utf8")) && isPlain(value) && fitsSchema(value);
}

/** Nested no deeper than allowed, also in what a later key of the same name replaces. */
function isShallow(json: string): boolean {
  let depth = 0;
  for (const [token] of json.matchAll(/"(?:[^"\\]|\\.)*"|[[{]|[\]}]/g)) {
    if (token === "[" || token === "{") depth += 1;
    else if (token === "]" || token === "}") depth -= 1;
    if (depth > MAX_DEPTH) return false;
  }
  return true;
}

/** Without a key `__proto__`, and with numbers that are finite. */
function isPlain(value: unknown): boolean {
  const open: unknown[] = [value];
  while (open.length > 0) {
    const current = open.pop();
    if (typeof current === "number" && !Number.isFinite(current)) return false;
    if (typeof current !== "object" || current === null) continue;
    if (Object.hasOwn(current, "__proto__")) return false;
    open.push(...Object.values(current));
  }
  return true;
}
