import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import type { Server } from "./server.js";

/** The token in the newest mail to an address, once there is one that `used` does not have. */
export async function mailToken(server: Server, address: string, used: Set<string>): Promise<string> {
  for (const began = Date.now(); Date.now() - began < 20_000; await setTimeout(20)) {
    for (const mail of await mails(join(server.folder, "mail"))) {
      const token = /#token=([\w-]+)/.exec(mail)?.[1];
      if (token !== undefined && mail.includes(`<${address}>`) && !used.has(token)) {
        used.add(token);
        return token;
      }
    }
  }
  throw new Error(`no mail to ${address}`);
}

async function mails(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch(() => []);
  const texts = await Promise.all(names.filter((name) => name.endsWith(".eml")).map((name) => readFile(join(folder, name), "utf8")));
  // Quoted-printable (RFC 2045, section 6.7), as far as links need it.
  return texts.map((text) => text.replaceAll(/=\r?\n/g, "").replaceAll("=3D", "="));
}
