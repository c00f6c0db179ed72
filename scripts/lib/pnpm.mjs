import { join } from "node:path";
import { capture, run, status } from "./command.mjs";
import { readJson, root } from "./workspace.mjs";

const MINIMUM_NODE = [20, 19];

// npx fetches the pinned pnpm on a machine that has none, and puts it in PATH, where turbo looks for it.
const npx = ["--yes", readJson(join(root, "package.json")).packageManager];
const options = { cwd: root, env: { ...process.env, TURBO_TELEMETRY_DISABLED: "1", DO_NOT_TRACK: "1" } };

/** Installs exactly what the lockfile says; takes a moment where that is there already. */
export async function install() {
  requireNode();
  // Without a terminal pnpm would refuse to replace a node_modules that another version made.
  await run("npx", [...npx, "install", "--frozen-lockfile", "--config.confirmModulesPurge=false"], options);
}

/** `turbo run ...`; anything but success is an error. */
export async function turbo(...args) {
  await run("npx", [...npx, "exec", "turbo", "run", ...args], options);
}

/** `turbo run ...`, returning its exit status. */
export async function turboStatus(...args) {
  return status("npx", [...npx, "exec", "turbo", "run", ...args], options);
}

/** Runs pnpm in a folder and returns what it wrote to standard output. */
export async function pnpm(cwd, ...args) {
  const { code, stdout, stderr } = await capture("npx", [...npx, ...args], { ...options, cwd });
  if (code !== 0) throw new Error(`pnpm ${args.join(" ")} failed in ${cwd}:\n${stderr || stdout}`);
  return stdout;
}

function requireNode() {
  const [major, minor] = process.versions.node.split(".").map(Number);
  const [needMajor, needMinor] = MINIMUM_NODE;
  if (major > needMajor || (major === needMajor && minor >= needMinor)) return;
  throw new Error(`Chicory needs Node ${MINIMUM_NODE.join(".")} or newer; this is ${process.versions.node}`);
}
