// Runs the bench of the engine that the command line names, `scan`, `watch` or `scale`, with so many hosts: `scan 100`.
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

const [name = '', hosts] = process.argv.slice(2);
const bench = benches[name];
if (bench === undefined) throw new Error(`no bench ${name}; there are ${Object.keys(benches).join(', ')}`);
const missing = namespacesMissing();
if (missing !== null) throw new Error(`the benches need hosts of their own: ${missing}`);
console.log(`\n# ${name}\n${await describeMachine()}`);
await bench(hosts === undefined ? undefined : Number(hosts));
