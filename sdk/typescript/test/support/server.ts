import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";

/** A Postern for one test file, on a free port and with an empty folder. */
export interface Server {
  readonly baseUrl: string;
  /** Its data folder. */
  readonly folder: string;
  stop(): Promise<void>;
}

/** Starts the binary that POSTERN_BIN names. Fails if it does not print its address within 20 seconds. */
export async function startServer(settings: Record<string, string> = {}): Promise<Server> {
  const binary = resolve(process.env["POSTERN_BIN"] ?? "../../bin/postern");
  const folder = await mkdtemp(join(tmpdir(), "postern-sdk-"));
  const child = spawn(binary, ["serve"], {
    // Settings of the machine do not reach the server.
    env: { POSTERN_ADDR: "127.0.0.1:0", POSTERN_DATA_DIR: folder, ...settings },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let log = "";
  child.stderr.on("data", (chunk) => { log += String(chunk); });
  const stop = async () => {
    if (child.exitCode === null && child.kill("SIGTERM")) await once(child, "exit");
    await rm(folder, { recursive: true, force: true });
  };
  const ready = new Promise<string>((resolve, reject) => {
    child.on("error", reject);
    child.on("exit", () => { reject(new Error(`${binary} ended:\n${log}`)); });
    setTimeout(() => { reject(new Error(`${binary} said nothing:\n${log}`)); }, 20_000).unref();
    createInterface(child.stdout).on("line", (line) => {
      const address = /^\s*Address\s+(http\S+)/.exec(line)?.[1];
      if (address !== undefined) resolve(address);
    });
  });
  try {
    return { baseUrl: await ready, folder, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
