// Reads the mails that the service writes into its data folder.
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';

/** Returns the mails to an address: their texts, without the soft line breaks of quoted-printable (RFC 2045, section 6.7). */
async function mailsTo(data, address) {
  const folder = join(data, 'mail');
  const names = (await readdir(folder).catch(() => [])).filter((name) => name.endsWith('.eml'));
  const texts = await Promise.all(names.map((name) => readFile(join(folder, name), 'utf8')));
  return texts.filter((text) => text.includes(`<${address}>`))
    .map((text) => text.replaceAll(/=\r?\n/g, '').replaceAll('=3D', '='));
}

/** Waits for a mail to an address with a link to a page, such as "reset", that is not in used. Returns what follows the host: the service
 * does not know the free port that it was given. */
export async function linkTo(page, data, address, used) {
  for (const began = Date.now(); Date.now() - began < 20_000; await setTimeout(20)) {
    for (const text of await mailsTo(data, address)) {
      const link = text.match(new RegExp(`https?://[^/\\s]+(\\S+/${page}#token=[\\w-]+)`))?.[1];
      if (link !== undefined && !used.has(link)) {
        used.add(link);
        return link;
      }
    }
  }
  throw new Error(`no mail to ${address} has a link to the page ${page}`);
}
