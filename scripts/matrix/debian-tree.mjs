import { chmodSync, existsSync, mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { aptInstall, hasApt } from "../lib/apt.mjs";
import { capture, run } from "../lib/command.mjs";
import { root } from "../lib/workspace.mjs";

/** The release whose servers are tried, and the programs of it that the tests start. */
const RELEASE = "trixie";
const PACKAGES = ["redis-server", "valkey-server", "rabbitmq-server"];
const PROGRAMS = {
  "redis-server": "/usr/bin/redis-server",
  "redis-cli": "/usr/bin/redis-cli",
  "valkey-server": "/usr/bin/valkey-server",
  "valkey-cli": "/usr/bin/valkey-cli",
  "rabbitmq-server": "/usr/lib/rabbitmq/bin/rabbitmq-server",
  rabbitmqctl: "/usr/lib/rabbitmq/bin/rabbitmqctl",
  "rabbitmq-plugins": "/usr/lib/rabbitmq/bin/rabbitmq-plugins",
  "rabbitmq-queues": "/usr/lib/rabbitmq/bin/rabbitmq-queues",
};

const cache = join(root, "node_modules", ".cache", "chicory");
const tree = join(cache, RELEASE);
const programs = join(cache, `${RELEASE}-programs`);

/** Where a program of the tree is started from; it runs as the same process, with the files of this machine's tests. */
export const programOf = (name) => join(programs, name);

/** Why there can be no tree on this machine; undefined if there can. */
export async function treeIsImpossible() {
  if (process.platform !== "linux") return "a Debian tree needs Linux";
  if (process.getuid?.() !== 0) return "making a Debian tree needs root";
  if (!existsSync("/usr/sbin/debootstrap") && !hasApt())
    return "debootstrap is missing, and there is no apt to install it";
  const { code } = await capture("unshare", ["-m", "true"]);
  return code === 0 ? undefined : "this root may not make mounts of its own (unshare -m)";
}

/** Makes the tree with its servers unless it is there: half a minute for Debian, another for the servers. */
export async function ensureTree() {
  if (!existsSync("/usr/sbin/debootstrap")) await aptInstall(["debootstrap"]);
  if (!existsSync(tree)) await makeTree();
  makePrograms();
}

async function makeTree() {
  const unfinished = `${tree}.unfinished`;
  rmSync(unfinished, { recursive: true, force: true });
  mkdirSync(cache, { recursive: true });
  await run("debootstrap", ["--variant=minbase", RELEASE, unfinished]);
  // Debian asks this program whether a package may start its service; 101 means no.
  writeFileSync(join(unfinished, "usr/sbin/policy-rc.d"), "#!/bin/sh\nexit 101\n");
  chmodSync(join(unfinished, "usr/sbin/policy-rc.d"), 0o755);
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  const install = ["apt-get", "install", "-q", "-y", "--no-install-recommends", ...PACKAGES];
  await run("chroot", [unfinished, ...install], { env });
  renameSync(unfinished, tree);
}

/**
 * Every link runs the one program below, which becomes the program of the link's name. The tree's mounts are made in a
 * namespace of that process and vanish with it: mounts that stay would have whoever removes the tree remove what is
 * mounted in it.
 */
function makePrograms() {
  rmSync(programs, { recursive: true, force: true });
  mkdirSync(programs, { recursive: true });
  const shared = tmpdir();
  mkdirSync(join(tree, shared), { recursive: true });
  const cases = Object.entries(PROGRAMS).map(([name, path]) => `  ${name}) program=${path} ;;`);
  const enter = [
    "mount --make-rprivate /",
    `mount --bind ${quote(shared)} ${quote(join(tree, shared))}`,
    `mount --rbind /dev ${quote(join(tree, "dev"))}`,
    `mount -t proc proc ${quote(join(tree, "proc"))}`,
    `exec chroot ${quote(tree)} /bin/sh -c 'cd "$FOLDER" 2>/dev/null; exec "$PROGRAM" "$@"' sh "$@"`,
  ];
  const text = [
    "#!/bin/sh",
    `case $(basename "$0") in`,
    ...cases,
    "esac",
    `export FOLDER="$PWD" PROGRAM="$program"`,
    `exec unshare -m sh -c ${quote(enter.join(" && "))} sh "$@"`,
    "",
  ].join("\n");
  writeFileSync(join(programs, "in-tree"), text);
  chmodSync(join(programs, "in-tree"), 0o755);
  for (const name of Object.keys(PROGRAMS)) symlinkSync("in-tree", join(programs, name));
}

/** As one word of a shell's command. */
function quote(text) {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
