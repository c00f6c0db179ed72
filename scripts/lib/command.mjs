import { spawn } from "node:child_process";

/** Runs a program with this terminal's input and output and returns its exit status; a signal counts as 1. */
export function status(command, args, options = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: "inherit", ...options });
    child.once("error", (cause) => reject(new Error(`Cannot run ${command}: ${cause.message}`, { cause })));
    child.once("exit", (code) => resolve(code ?? 1));
  });
}

/** Like {@link status}, but anything other than 0 is an error. */
export async function run(command, args, options) {
  const code = await status(command, args, options);
  if (code !== 0) throw new Error(`${[command, ...args].join(" ")} failed with status ${code}`);
}

/** Runs a program and returns its status and what it wrote; it is killed after `timeoutMs`. */
export function capture(command, args, { timeoutMs, ...options } = {}) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { stdio: ["ignore", "pipe", "pipe"], timeout: timeoutMs, ...options });
    let stdout = "";
    let stderr = "";
    child.stdout.on("data", (chunk) => {
      stdout += chunk;
    });
    child.stderr.on("data", (chunk) => {
      stderr += chunk;
    });
    child.once("error", (error) => resolve({ code: 1, stdout, stderr: error.message }));
    child.once("close", (code) => resolve({ code: code ?? 1, stdout, stderr }));
  });
}
