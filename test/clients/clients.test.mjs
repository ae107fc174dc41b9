// Generates every client, compiles it strictly, runs it against the service, and compares what worked with docs/clients.md.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdir, readFile, rm } from 'node:fs/promises';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { generate as orval } from 'orval';
import { startService } from '../service.mjs';
import { startProxy } from './proxy.mjs';
import { run } from './scenario.ts';

const contract = '../../openapi.yaml';
const steps = ['signUp', 'logIn', 'write', 'patch', 'read', 'page'];

/** Runs a program in this folder and returns its output. */
async function call(program, args, environment = {}) {
  const options = { cwd: import.meta.dirname, env: { ...process.env, ...environment }, maxBuffer: 1 << 26 };
  const { stdout } = await promisify(execFile)(program, args, options).catch((error) => {
    throw new Error(`${program} ${args.join(' ')} failed:\n${error.stdout}${error.stderr}`);
  });
  return stdout;
}
const npm = (tool, ...args) => call(`node_modules/.bin/${tool}`, args);
const go = (args, environment = {}) => call('go', ['-C', 'go', ...args], { CGO_ENABLED: '0', ...environment });

// The packages of each client, as the table names them, and the command that generates it.
const typescript = {
  'openapi-fetch': {
    packages: ['openapi-typescript', 'openapi-fetch'],
    generate: (output) => npm('openapi-typescript', contract, '--default-non-nullable=false', '--output', `${output}/schema.ts`),
  },
  'hey-api': {
    packages: ['@hey-api/openapi-ts'],
    generate: (output) => npm('openapi-ts', '--input', contract, '--output', output, '--no-log-file'),
  },
  orval: {
    packages: ['orval'],
    // The address of the service becomes part of the generated code.
    generate: (output, base) => orval({ input: contract, output: { target: `${output}/client.ts`, client: 'fetch', baseUrl: base } }),
  },
  'swagger-typescript-api': {
    packages: ['swagger-typescript-api'],
    generate: (output) => npm('swagger-typescript-api', 'generate', '--path', contract, '--output', output, '--name', 'client.ts'),
  },
  'openapi-zod-client': {
    packages: ['openapi-zod-client', '@zodios/core'],
    generate: (output) => npm('openapi-zod-client', contract, '--output', `${output}/client.ts`, '--media-type-expr', "mediaType.includes('json')"),
  },
  'openapi-typescript-codegen': {
    packages: ['openapi-typescript-codegen'],
    generate: (output) => npm('openapi', '--input', contract, '--output', output, '--client', 'fetch'),
  },
};
const goModules = {
  'oapi-codegen': {
    module: 'github.com/oapi-codegen/oapi-codegen/v2',
    generate: (output) => go(['tool', 'oapi-codegen', '-generate', 'types,client', '-package', 'oapicodegen', '-o', `${output}/oapicodegen/client.go`,
      `../${contract}`]),
  },
  ogen: {
    module: 'github.com/ogen-go/ogen',
    generate: (output) => go(['tool', 'ogen', '--config', 'ogen.yaml', '--clean', '--target', `${output}/ogen`, '--package', 'ogen', `../${contract}`]),
  },
};

/** Returns the row of the table for a client that did every step. */
function row(name, workArounds = []) {
  return `| ${[name, ...steps.map((step) => (workArounds.includes(step) ? 'work-around' : 'yes'))].join(' | ')} |`;
}

test('clients of common generators', async (t) => {
  const base = await startProxy(t, await startService(t));
  const rows = [];
  await rm('generated', { recursive: true, force: true });
  await rm('go/generated', { recursive: true, force: true });

  const { devDependencies: versions } = JSON.parse(await readFile('package.json', 'utf8'));
  for (const [name, { packages, generate }] of Object.entries(typescript)) {
    await t.test(name, async () => {
      await mkdir(`generated/${name}`, { recursive: true });
      await generate(`generated/${name}`, base);
      const adapter = await import(`./${name}.ts`);
      const client = adapter.default(base);
      await run(client, `${name}@example.com`);
      rows.push(row(packages.map((used) => `${used} ${versions[used]}`).join(' with '), client.workArounds));
    });
  }
  await t.test('the TypeScript compiles', () => npm('tsc', '--project', '.'));

  for (const [name, { module, generate }] of Object.entries(goModules)) {
    await t.test(name, async () => {
      await mkdir(`go/generated/${name.replace('-', '')}`, { recursive: true });
      await generate('generated');
      const version = (await go(['list', '-m', '-f', '{{.Version}}', module])).trim().replace(/^v/, '');
      rows.push(row(`${name} ${version}`));
    });
  }
  await t.test('the Go clients run', () => go(['test', '-count=1', './...'], { POSTERN_URL: base }));

  await t.test('docs/clients.md shows what ran', async () => {
    const docs = await readFile('../../docs/clients.md', 'utf8');
    const table = docs.split('\n').filter((line) => line.startsWith('| ') && /\| (yes|work-around) \|/.test(line));
    assert.deepEqual(table, rows);
  });
});
