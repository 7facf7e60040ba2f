// A copy of the app without a face, in a process of its own: takes calls of the contract as messages and answers them.
import { homedir } from 'node:os';
import { answer } from '#common/answer.ts';
import type { EngineCallName } from '#common/contract.ts';
import { engineFor, noFace } from '../support/engine-for.ts';
import type { CopyOptions } from './app-copy.ts';

const { sshConfigPath, folder, settings } = JSON.parse(process.argv[2] ?? '') as CopyOptions;
const engine = engineFor(sshConfigPath, {
  settings,
  home: homedir(),
  env: process.env,
  dataFolder: folder,
});
await engine.loadHosts();
engine.begin();
process.on('message', async ({ name, input }: { name: EngineCallName; input: unknown }) => {
  process.send?.(await answer({ ...engine.handlers, ...noFace }, name, input));
});
process.once('disconnect', () => process.exit());
process.send?.('ready');
