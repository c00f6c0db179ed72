import { readFileSync } from "node:fs";
import { release, type } from "node:os";
import { sep } from "node:path";
import { root } from "../lib/workspace.mjs";

const HEAD = `# Compatibility

Written by \`npm run test:matrix\` from one run to its end. Chicory needs Node 20.19, Redis 6.2 or RabbitMQ 3.10, or
newer; what is not named here was not tried.`;

/** The page with what a run found: rows of servers and of releases of Node, and what was left out with the reason. */
export function compatibilityPage({ serverRows, nodeRows, left, now }) {
  const ran = `Run on ${now.toISOString().slice(0, 10)}, ${operatingSystem()}, ${process.arch}, Node ${process.versions.node} for the servers.`;
  return `${[HEAD, ran, ...serverSection(serverRows), ...nodeSection(nodeRows), ...failures(serverRows, nodeRows), ...skips(serverRows, nodeRows), ...leftOut(left)].join("\n\n")}\n`;
}

function serverSection(rows) {
  const text =
    "All tests of the driver's package that use a server, the conformance suite among them, against a server of its own " +
    "that each file starts.";
  const lines = rows.map(
    ({ server, result }) => `| ${server.name} ${server.version} | ${server.from} | ${cells(result).join(" | ")} |`,
  );
  return ["## Servers", wrap(text), table("| server | from | passed | failed | skipped |", lines)];
}

function nodeSection(rows) {
  const text = "The unit tests of every package, and the conformance suite on each broker, with the installed servers.";
  const lines = rows.map(({ title, suites }) => {
    const shown = Object.values(suites).map((result) => summary(result));
    return `| ${title} | ${shown.join(" | ")} |`;
  });
  return ["## Node", wrap(text), table("| release | unit tests | memory | Redis | RabbitMQ |", lines)];
}

function failures(serverRows, nodeRows) {
  const lines = allResults(serverRows, nodeRows).flatMap(({ title, result }) =>
    result.failures.map(({ name }) => `- ${title}: ${inRepository(name)}`),
  );
  return lines.length === 0 ? [] : ["## What failed", lines.join("\n")];
}

function skips(serverRows, nodeRows) {
  const lines = allResults(serverRows, nodeRows).flatMap(({ title, result }) =>
    result.skipped.map((name) => `- ${title}: ${name}`),
  );
  if (lines.length === 0) return [];
  return ["## What was skipped", "Tests of what that server or release does not have.", lines.join("\n")];
}

function leftOut(left) {
  if (left.length === 0) return [];
  return ["## What was left out", left.map(({ name, reason }) => `- ${name}: ${reason}`).join("\n")];
}

function allResults(serverRows, nodeRows) {
  return [
    ...serverRows,
    ...nodeRows.flatMap(({ title, suites }) =>
      Object.entries(suites).map(([suite, result]) => ({ title: `${title}, ${suite}`, result })),
    ),
  ];
}

const cells = ({ passed, failures: failed, skipped }) => [passed, failed.length, skipped.length];

function summary({ passed, failures: failed, skipped }) {
  const more = skipped.length === 0 ? "" : `, ${skipped.length} skipped`;
  return failed.length === 0 ? `${passed} passed${more}` : `${passed} passed, ${failed.length} failed${more}`;
}

function table(head, lines) {
  const columns = head.split("|").length - 2;
  return [head, `|${" --- |".repeat(columns)}`, ...lines].join("\n");
}

/** A file that could not be run is named by its place in this repository, and not on this machine. */
const inRepository = (name) => name.replaceAll(`${root}${sep}`, "");

function operatingSystem() {
  try {
    return /^PRETTY_NAME="(.+)"$/m.exec(readFileSync("/etc/os-release", "utf8"))?.[1] ?? type();
  } catch {
    return `${type()} ${release()}`;
  }
}

/** At most 120 characters a line, as the other pages have it. */
function wrap(text) {
  const lines = [""];
  for (const word of text.split(" ")) {
    const last = lines.at(-1);
    if (last === "") lines[lines.length - 1] = word;
    else if (last.length + 1 + word.length <= 120) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines.join("\n");
}
