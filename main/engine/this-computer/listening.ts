import { readFile } from 'node:fs/promises';
import { parseLsof, parseNetstat } from '../probe/netstat.ts';
import { type ListeningPort, parseProcNetTcp, parseSs } from '../probe/ports.ts';
import { run } from '../ssh/io/child.ts';

const timeoutMs = 5000;

/**
 * What listens on this computer, with the processes of this user: from `ss` or /proc/net on Linux, `lsof` on macOS,
 * `netstat` on Windows. Null where nothing tells it. Never rejects.
 */
export async function listListening(
  env: NodeJS.ProcessEnv,
  platform: NodeJS.Platform = process.platform,
): Promise<readonly ListeningPort[] | null> {
  const output = async (program: string, ...args: readonly string[]): Promise<string | null> => {
    const result = await run(program, args, { env: { ...env, LC_ALL: 'C' }, timeoutMs });
    return result.kind === 'ended' && result.stdout !== '' ? result.stdout : null;
  };
  switch (platform) {
    case 'darwin': {
      const table = await output('lsof', '-nP', '+c', '0', '-iTCP', '-sTCP:LISTEN');
      return table === null ? null : parseLsof(table);
    }
    case 'win32': {
      const table = await output('netstat', '-ano');
      return table === null ? null : parseNetstat(table);
    }
    default: {
      const table = await output('ss', '-H', '-ltnp');
      return table === null ? await fromProc() : parseSs(table);
    }
  }
}

/** Names no processes: those would have to be searched for in the open files of each. */
async function fromProc(): Promise<readonly ListeningPort[] | null> {
  const tables = await Promise.all(
    ['/proc/net/tcp', '/proc/net/tcp6'].map((path) => readFile(path, 'utf8').catch(() => null)),
  );
  const found = tables.filter((table) => table !== null);
  return found.length === 0 ? null : parseProcNetTcp(found.join('\n'));
}
