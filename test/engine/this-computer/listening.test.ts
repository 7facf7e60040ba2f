import { expect, it } from 'vitest';
import { listListening } from '#engine/this-computer/listening.ts';
import { standIns } from '../../support/stand-ins.ts';

const ask = async (platform: NodeJS.Platform, programs: Readonly<Record<string, string>>) =>
  (await listListening(standIns(programs).env, platform))?.map(
    ({ port, process, pid }) => `${port} ${process} ${pid}`,
  );

it('asks the program that each system has', async () => {
  const ss = `[ "$*" = "-H -ltnp" ] && echo 'LISTEN 0 128 127.0.0.1:8000 0.0.0.0:* users:(("vllm",pid=7,fd=3))'`;
  expect(await ask('linux', { ss })).toEqual(['8000 vllm 7']);
  const lsof = `[ "$*" = "-nP +c 0 -iTCP -sTCP:LISTEN" ] && echo 'ollama 7 me 3u IPv4 0x8fb4 0t0 TCP 127.0.0.1:11434 (LISTEN)'`;
  expect(await ask('darwin', { lsof })).toEqual(['11434 ollama 7']);
  const netstat = `[ "$*" = -ano ] && echo '  TCP    0.0.0.0:8000           0.0.0.0:0              LISTENING       7'`;
  expect(await ask('win32', { netstat })).toEqual(['8000 null 7']);
});

it.skipIf(process.platform !== 'linux')('reads /proc/net where there is no ss that works', async () => {
  const table = await ask('linux', { ss: 'exit 1' });
  expect(table).toBeInstanceOf(Array);
});

it('says nothing where nothing tells it', async () => {
  expect(await ask('darwin', { lsof: 'exit 1' })).toBeUndefined();
  expect(await ask('win32', { netstat: 'exit 1' })).toBeUndefined();
});
