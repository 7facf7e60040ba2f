// Runs the benches that are named on the command line, or all: `scan`, `watch`, `scale`; `scan=100` is one with 100 hosts.
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

const missing = namespacesMissing();
if (missing !== null) {
  console.log(`The benches need hosts of their own: ${missing}.`);
  process.exit(1);
}
const named = process.argv.slice(2);
for (const argument of named.length > 0 ? named : Object.keys(benches)) {
  const [name = '', hosts] = argument.split('=');
  const bench = benches[name];
  if (bench === undefined) throw new Error(`no bench ${name}; there are ${Object.keys(benches).join(', ')}`);
  console.log(`\n# ${name}\n${await describeMachine()}`);
  await bench(hosts === undefined ? undefined : Number(hosts));
}
