// A copy of the app without a face, in a process of its own: takes calls of the contract as messages and answers them.
import { homedir } from 'node:os';
import { answer } from '#common/answer.ts';
import type { EngineCallName, Handlers } from '#common/contract.ts';
import { createEngine } from '#engine/engine.ts';
import type { CopyOptions } from './app-copy.ts';

const { sshConfigPath, folder, settings } = JSON.parse(process.argv[2] ?? '') as CopyOptions;
const engine = createEngine({
  source: { kind: 'ssh-config', path: sshConfigPath },
  sshConfigPath,
  settings,
  log: () => undefined,
  home: homedir(),
  env: process.env,
  dataFolder: folder,
});
await engine.loadHosts();
engine.begin();
const noFace = () => null;
const handlers: Handlers = {
  ...engine.handlers,
  'app.showWindow': noFace,
  'app.copyText': noFace,
  'app.openDocs': noFace,
  'app.quit': noFace,
};
process.on('message', async ({ name, input }: { name: EngineCallName; input: unknown }) => {
  process.send?.(await answer(handlers, name, input));
});
process.once('disconnect', () => process.exit());
process.send?.('ready');
