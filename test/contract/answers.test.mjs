// Runs the commands in the console blocks of README.md and docs/api.md, and compares each answer with the one on the page.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import test from 'node:test';
import { startService } from '../service.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const marker = '=== next command ===\n';

/** Returns the commands of a page, each with the lines that follow it. A command continues after a line that ends with \ or |. */
function steps(page) {
  const found = [];
  for (const [, block] of page.matchAll(/^```console\n(.*?)^```/gms)) {
    let open = false;
    for (const line of block.split('\n').slice(0, -1)) {
      if (open) {
        found.at(-1).command += `${line}\n`;
      } else if (line.startsWith('$ ')) {
        found.push({ command: `${line.slice(2)}\n`, answer: '' });
      } else {
        found.at(-1).answer += `${line}\n`;
      }
      open = (open || line.startsWith('$ ')) && /[\\|]$/.test(line);
    }
  }
  return found;
}

// What differs from run to run.
const changing = [
  [/"(access|refresh)_token":"[^"]*"/g, '"$1_token":"<token>"'],
  [/\d{4}-\d\d-\d\dT[\d:.]+Z/g, '<time>'],
  [/^Date: .*$/gm, 'Date: <time>'],
  [/\b[0-9a-f]{32}\b/g, '<id>'],
  [/(\d+-)[\w-]{22}/g, '$1<tag>'],
];

/** Returns text with what changes replaced. Where the page has an ellipsis, any text may stand. */
function pattern(answer) {
  const escaped = answer.split('…').map((part) => part.replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&'));
  return new RegExp(`^${escaped.join('.*')}$`);
}

function stable(text) {
  return changing.reduce((result, [what, name]) => result.replaceAll(what, name), text.replaceAll('\r', ''));
}

for (const name of ['README.md', 'docs/api.md']) {
  test(`the commands of ${name} give the answers on the page`, async (t) => {
    const address = await startService(t);
    const all = steps(await readFile(`${root}/${name}`, 'utf8'));
    const script = all.map(({ command }) => `printf '%s' '${marker}'\n${command}`).join('').replaceAll('http://127.0.0.1:8080', address);
    const { stdout } = await promisify(execFile)('bash', ['-c', script]);
    const answers = stdout.split(marker).slice(1);
    assert.equal(answers.length, all.length);
    all.forEach(({ command, answer }, i) => {
      assert.match(stable(answers[i]).trimEnd(), pattern(stable(answer).trimEnd()), command);
    });
  });
}
