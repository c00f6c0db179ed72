import { readFileSync } from "node:fs";

/** Who docs/security.md grants rights to. */
export type Role = "producer" | "worker" | "admin";

const PAGE = readFileSync(new URL("../../../docs/security.md", import.meta.url), "utf8");

/** The commands that the page grants, as ACL SETUSER takes them. */
export function rightsOf(role: Role): string {
  const rights = new RegExp(`^user chicory-${role} on >PASSWORD ~chicory:\\* resetchannels -@all (.+)$`, "m").exec(
    PAGE,
  )?.[1];
  if (rights === undefined) throw new Error(`docs/security.md names no rights of a ${role}`);
  return rights;
}
