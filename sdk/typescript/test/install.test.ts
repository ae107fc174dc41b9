import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { cp, mkdir, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import test from "node:test";

const program = `
  import { anyVersion, Postern, Problem } from "@postern/client";
  const client = new Postern({ baseUrl: "http://127.0.0.1:8080" });
  console.log(typeof client.posts.update, typeof Problem, anyVersion);
`;

test("the installation of README.md and docs/clients.md works in an empty folder", async (t) => {
  const script = /^```sh\n(npm .*?)^```$/ms.exec(await readFile("README.md", "utf8"))?.[1];
  assert.ok(script);
  assert.ok((await readFile("../../docs/clients.md", "utf8")).includes(script), "both say the same");

  const folder = await mkdtemp(join(tmpdir(), "postern-install-"));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const clone = join(folder, "clone");
  const filter = (path: string) => !["node_modules", "dist", ".build"].includes(basename(path));
  await cp(".", join(clone, "sdk/typescript"), { recursive: true, filter });
  const cwd = join(folder, "empty");
  await mkdir(cwd);

  // Without the settings that the npm of this test run passes on.
  const inherited = Object.entries(process.env).filter(([name]) => !/^npm_(?!config_(registry|cache))/i.test(name));
  const env = { ...Object.fromEntries(inherited), POSTERN: clone, npm_config_prefer_offline: "true" };
  execFileSync("sh", ["-ec", script], { cwd, env, stdio: "pipe" });
  const output = execFileSync("node", ["--input-type=module", "--eval", program], { cwd, encoding: "utf8" });
  assert.equal(output.trim(), "function function *");
});
