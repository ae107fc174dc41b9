// Generates clients from the contract with common generators and compiles them strictly. Any warning is an error.
import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const contract = "../../openapi.yaml";
// Inside the package, so that the generated code finds the types that it imports.
const folder = mkdtempSync(".generated-");

const compilerOptions = {
  strict: true, noEmit: true, noUnusedLocals: true, target: "ES2022", module: "ESNext", moduleResolution: "bundler",
  lib: ["ES2022", "DOM", "DOM.Iterable"], types: [],
};

/** Runs a tool of this package and returns its output. */
function run(tool, ...args) {
  try {
    return execFileSync("npx", ["--no-install", tool, ...args], { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
  } catch (error) {
    throw new Error(`${tool} failed:\n${error.stdout}${error.stderr}`);
  }
}

function check(name, output) {
  if (/warn/i.test(output)) throw new Error(`${name} warned:\n${output}`);
  const files = readdirSync(join(folder, name), { recursive: true }).filter((file) => file.endsWith(".ts"));
  writeFileSync(join(folder, name, "tsconfig.json"), JSON.stringify({ compilerOptions }));
  run("tsc", "--project", join(folder, name));
  console.log(`${name}: ${files.length} files compile`);
}

try {
  check("openapi-typescript", run("openapi-typescript", contract, "--output", join(folder, "openapi-typescript/schema.ts")));
  check("hey-api", run("openapi-ts", "--input", contract, "--output", join(folder, "hey-api"), "--no-log-file"));
  const exported = readFileSync(join(folder, "hey-api/sdk.gen.ts"), "utf8").matchAll(/^export const (\w+)/gm);
  console.log(`hey-api: ${[...exported].map(([, name]) => name).join(" ")}`);
  // A number after a name means that the contract uses the name twice.
  const numbered = [...readFileSync(join(folder, "hey-api/types.gen.ts"), "utf8").matchAll(/^export type (\w*\D2)\b/gm)];
  if (numbered.length > 0) throw new Error(`names that are taken twice: ${numbered.map(([, name]) => name).join(", ")}`);
} finally {
  rmSync(folder, { recursive: true });
}
