import { readFileSync } from "node:fs";
import type { RabbitmqServer } from "@chicory/test-servers";

/** Who docs/security.md grants permissions to. */
export type Role = "operator" | "producer" | "worker";

const PAGE = readFileSync(new URL("../../../docs/security.md", import.meta.url), "utf8");

/** The patterns that the page names, for configuring, writing and reading. */
function permissionsOf(role: Role): readonly string[] {
  const patterns = new RegExp(`^rabbitmqctl set_permissions chicory-${role} '(.+)' '(.+)' '(.+)'$`, "m").exec(PAGE);
  if (patterns === null) throw new Error(`docs/security.md names no permissions of a ${role}`);
  return patterns.slice(1);
}

/**
 * Makes a user of the role's name and password with the permissions that the page names, for queues of the prefix
 * `chicory` or of another one.
 */
export async function addUser(server: RabbitmqServer, role: Role, prefix = "chicory"): Promise<void> {
  const permissions = permissionsOf(role).map((pattern) => pattern.replaceAll("chicory", prefix));
  await server.ctl("add_user", role, role);
  await server.ctl("set_permissions", role, ...permissions);
}
