// Runs the benches that are named on the command line, or all: `scan`, `watch`, `scale`; `scan=100` is one with 100 hosts.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { namespacesMissing } from '../lab/namespaces.ts';
import { describeMachine } from './machine.ts';
import { benchScale } from './scale.ts';
import { benchScan } from './scan.ts';
import { benchWatch } from './watch.ts';

const benches: Readonly<Record<string, (hosts?: number) => Promise<void>>> = {
  scan: benchScan,
  watch: benchWatch,
  scale: benchScale,
};

const named = process.argv.slice(2);
const [only = ''] = named;
if (named.length === 1) await runOne(only);
else {
  // Each in a process of its own, so that none finds the memory of another.
  for (const name of named.length > 0 ? named : Object.keys(benches)) {
    const { status } = spawnSync(process.execPath, [fileURLToPath(import.meta.url), name], {
      stdio: 'inherit',
    });
    process.exitCode ||= status ?? 1;
  }
}

async function runOne(argument: string): Promise<void> {
  const [name = '', hosts] = argument.split('=');
  const bench = benches[name];
  if (bench === undefined) throw new Error(`no bench ${name}; there are ${Object.keys(benches).join(', ')}`);
  const missing = namespacesMissing();
  if (missing !== null) throw new Error(`the benches need hosts of their own: ${missing}`);
  console.log(`\n# ${name}\n${await describeMachine()}`);
  await bench(hosts === undefined ? undefined : Number(hosts));
}
