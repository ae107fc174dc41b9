// Writes each example of the README to test/examples, to be compiled with the tests.
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";

const readme = await readFile("README.md", "utf8");
const examples = [...readme.matchAll(/^```ts\n(.*?)^```$/gms)].map(([, code]) => code);
if (examples.length === 0) throw new Error("README.md has no examples");
await Promise.all([".build", "test/examples"].map((folder) => rm(folder, { recursive: true, force: true })));
await mkdir("test/examples", { recursive: true });
await Promise.all(examples.map((code, i) => writeFile(`test/examples/example${String(i + 1).padStart(2, "0")}.ts`, code)));
