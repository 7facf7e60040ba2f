import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

export interface RedirectFile {
  /** The `file:` address of the page. */
  readonly url: string;
  /** Removes it with its folder. Safe to call twice; never rejects. */
  remove(): Promise<void>;
}

/**
 * A page that leads on to the address, readable by this user alone: what is on the command line of a browser is seen by
 * every user of the computer. As Jupyter does it (jupyter/notebook PR 4260). Rejects as the file system does.
 */
export async function writeRedirectFile(address: string): Promise<RedirectFile> {
  const folder = await mkdtemp(path.join(tmpdir(), 'vllm-tray-open-'));
  const remove = async (): Promise<void> => {
    await rm(folder, { recursive: true, force: true }).catch(() => undefined);
  };
  try {
    // mkdtemp gives it this mode, except on file systems that have a mind of their own.
    await chmod(folder, 0o700);
    const file = path.join(folder, 'open.html');
    await writeFile(file, page(address), { mode: 0o600, flag: 'wx' });
    return { url: pathToFileURL(file).href, remove };
  } catch (error) {
    await remove();
    throw error;
  }
}

function page(address: string): string {
  return `<!doctype html>
<meta charset="utf-8">
<meta name="referrer" content="no-referrer">
<meta http-equiv="refresh" content="0;url=${address}">
<title>vllm-tray</title>
<a href="${address}">Go on to vllm-tray</a>
`;
}
