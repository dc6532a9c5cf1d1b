// The built program on a fresh data folder: served on a free port of this machine, or run for one command.
import { execFile, spawn } from "node:child_process";
import { cp, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";

const binary = resolve(process.env.KVADRANT_BINARY ?? new URL("../../bin/kvadrant", import.meta.url).pathname);
const run = promisify(execFile);

// What surrounds the tests must not reach the program: no other store, no other address.
const surroundings = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("KVADRANT_")));

export class Program {
  /** Where it listens, and the one-time code for set-up where one was printed. */
  address = "";
  code = "";
  /** All it has printed; shown when a journey fails. */
  log = "";
  /** How the demo's people sign in, by role. */
  people = {};
  #server;
  #ended;

  /** A program on an empty folder, or on a copy of another's. */
  static async on(folder) {
    const fresh = await mkdtemp(join(tmpdir(), "kvadrant-e2e-"));
    if (folder) await cp(folder, fresh, { recursive: true });
    return new Program(fresh);
  }

  constructor(folder) {
    this.folder = folder;
  }

  /** Runs one command, such as "demo", and gives what it printed. */
  async command(...args) {
    const { stdout, stderr } = await run(binary, ["--data", this.folder, ...args], { env: surroundings, timeout: 120_000 });
    this.log += stderr + stdout;
    return stdout;
  }

  /** Loads the demo company, and keeps how its people sign in, by role. */
  async demo(customers) {
    const printed = await this.command("demo", "--customers", String(customers));
    const people = [...printed.matchAll(/^\s*(\w+)\s+(\S+@\S+)\s+password (\S+)$/gm)];
    this.people = Object.fromEntries(people.map(([, role, email, password]) => [role, { email, password }]));
  }

  /** Adds a user; gives how they sign in. */
  async user(email, name, role) {
    const printed = await this.command("user", "add", email, name, "--role", role);
    const password = /password:?\s+(\S+)/i.exec(printed)?.[1];
    if (!password) throw new Error(`no password in: ${printed}`);
    return { email, password };
  }

  /** Starts the server and waits until it has printed where it is. */
  async serve() {
    this.#server = spawn(binary, ["--data", this.folder, "serve", "--addr", "127.0.0.1:0"], { env: surroundings });
    this.#ended = new Promise((done) => this.#server.once("close", (code, signal) => done({ code, signal })));
    let printed = "";
    const { promise, resolve: ready, reject: failed } = defer();
    const late = setTimeout(() => failed(new Error(`the server was not ready in a minute:\n${this.log}`)), 60_000);
    this.#server.stderr.on("data", (chunk) => (this.log += chunk));
    this.#server.stdout.on("data", (chunk) => {
      this.log += chunk;
      printed += chunk;
      const greeting = /Kvadrant is at (http:\S+)\n(?:.+\n)*\n/.exec(printed); // it ends with an empty line
      if (!greeting) return;
      this.address = greeting[1];
      this.code = /one-time code: (\S+)/.exec(greeting[0])?.[1] ?? "";
      ready();
    });
    void this.#ended.then(({ code }) => failed(new Error(`the server ended with ${code} before it was ready:\n${this.log}`)));
    await promise.finally(() => clearTimeout(late));
  }

  /** Ends the server as Ctrl-C does and removes the data; fails when it does not end well. */
  async end() {
    if (this.#server) {
      this.#server.kill("SIGINT");
      const { code } = await this.#ended;
      if (code !== 0) throw new Error(`the server ended with ${code}:\n${this.log}`);
    }
    await rm(this.folder, { recursive: true, force: true });
  }
}

function defer() {
  const parts = {};
  parts.promise = new Promise((resolve, reject) => Object.assign(parts, { resolve, reject }));
  return parts;
}
