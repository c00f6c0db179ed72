import { chmodSync, existsSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { run } from "./command.mjs";

/** Debian asks this program whether a package may start its service; 101 means no. */
const POLICY = "/usr/sbin/policy-rc.d";
const NO_SERVICES = "#!/bin/sh\nexit 101\n";

/** Whether this is Debian, Ubuntu or a relative. */
export function hasApt() {
  return existsSync("/usr/bin/apt-get");
}

/** Installs packages without starting their services, since the tests start servers of their own. */
export async function aptInstall(names) {
  const restore = forbidServices();
  // The policy must not stay behind, however this ends.
  const interrupted = () => {
    restore();
    process.exit(1);
  };
  process.once("SIGINT", interrupted).once("SIGTERM", interrupted);
  try {
    const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
    await run("apt-get", ["update", "-q"], { env });
    await run("apt-get", ["install", "-q", "-y", "--no-install-recommends", ...names], { env });
  } finally {
    process.off("SIGINT", interrupted).off("SIGTERM", interrupted);
    restore();
  }
}

function forbidServices() {
  const before = existsSync(POLICY) ? { text: readFileSync(POLICY), mode: statSync(POLICY).mode } : undefined;
  write(NO_SERVICES, 0o755);
  return () => {
    if (before) write(before.text, before.mode);
    else rmSync(POLICY, { force: true });
  };
}

function write(text, mode) {
  writeFileSync(POLICY, text);
  chmodSync(POLICY, mode);
}
