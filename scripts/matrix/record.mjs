import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { release, type } from "node:os";
import { join, sep } from "node:path";
import { readJson, root } from "../lib/workspace.mjs";
import { compatibilityPage } from "./page.mjs";

const FILE = join(root, "docs", "compatibility.json");
const PAGE = join(root, "docs", "compatibility.md");

/**
 * What runs of the matrix found, as it is kept beside the page that shows it. A row is written as soon as it is there, in
 * the place of the one before it with its title, so that one row may be run again without the others.
 */
export class MatrixRecord {
  #servers;
  #nodes;
  #left;
  /** Titles of the rows of this run. */
  #fresh = new Set();

  constructor() {
    const { servers = [], nodes = [], left = [] } = existsSync(FILE) ? readJson(FILE) : {};
    this.#servers = servers;
    this.#nodes = nodes;
    this.#left = left;
  }

  /** Keeps what the tests of one server came to. */
  keepServer({ title, server, result }) {
    const { name, version, from } = server;
    this.#servers = this.#placed(this.#servers, { title, name, version, from, ...shortened(result) });
    this.#write();
  }

  /** Keeps what the suites by one release of Node came to. */
  keepNode({ title, suites }) {
    const shown = Object.fromEntries(Object.entries(suites).map(([suite, result]) => [suite, shortened(result)]));
    this.#nodes = this.#placed(this.#nodes, { title, suites: shown });
    this.#write();
  }

  /** Ends a whole run: forgets the rows that are none of it, and takes over what it had to leave out. */
  end(left) {
    const isFresh = ({ title }) => this.#fresh.has(title);
    this.#servers = this.#servers.filter(isFresh);
    this.#nodes = this.#nodes.filter(isFresh);
    this.#left = left;
    this.#write();
  }

  #placed(rows, row) {
    this.#fresh.add(row.title);
    const dated = { ...row, ran: new Date().toISOString().slice(0, 10), machine: machine() };
    const others = rows.filter(({ title }) => title !== row.title);
    return [...others, dated].sort((a, b) => a.title.localeCompare(b.title, "en", { numeric: true }));
  }

  #write() {
    const all = { servers: this.#servers, nodes: this.#nodes, left: this.#left };
    writeFileSync(FILE, `${JSON.stringify(all, undefined, 2)}\n`);
    writeFileSync(PAGE, compatibilityPage(all));
  }
}

/** Counts and names: messages have places of this machine in them, as has the name of a file that could not be run. */
function shortened({ passed, failures, skipped }) {
  const names = failures.map(({ name }) => name.replaceAll(`${root}${sep}`, ""));
  return { passed, failures: names, skipped };
}

function machine() {
  return `${operatingSystem()}, ${process.arch}, Node ${process.versions.node}`;
}

function operatingSystem() {
  try {
    return /^PRETTY_NAME="(.+)"$/m.exec(readFileSync("/etc/os-release", "utf8"))?.[1] ?? type();
  } catch {
    return `${type()} ${release()}`;
  }
}
