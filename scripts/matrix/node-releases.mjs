import { dirname } from "node:path";
import { capture } from "../lib/command.mjs";

/** The releases of Node that are supported. */
const RELEASES = [20, 22, 24];

/** Each release as `{ version, path, folder }`, fetched by npx; and those that cannot be had, with the reason. */
export async function nodeReleases() {
  const nodes = [];
  const left = [];
  for (const release of RELEASES) {
    const say = "process.stdout.write(JSON.stringify({ version: process.versions.node, path: process.execPath }))";
    const { code, stdout, stderr } = await capture("npx", ["--yes", `node@${release}`, "-e", say]);
    if (code !== 0) {
      left.push({
        name: `Node ${release}`,
        reason: stderr.trim().split("\n").at(-1) || `npx ended with status ${code}`,
      });
      continue;
    }
    const node = JSON.parse(stdout);
    nodes.push({ ...node, folder: dirname(node.path) });
  }
  return { nodes, left };
}
