// A start of the app in a process of its own, as each start is: does with the hosts of the configuration what the command line
// names, keeps it in the folder, and sends what it took.
import { benchEngine, countAnswered } from './bench-engine.ts';
import { type Cost, measure } from './cpu.ts';

/** What a start does before it ends: only asks `ssh -G` for each host, or scans them all. */
export type StartWork = 'resolve' | 'scan';

/** Sent once, when it is done. */
export interface StartDone {
  readonly cost: Cost;
  /** Hosts of which everything is known. */
  readonly answered: number;
}

const [work, sshConfigPath = '', dataFolder] = process.argv.slice(2);
const engine = benchEngine(sshConfigPath, true, dataFolder);
const works: Readonly<Record<StartWork, () => Promise<unknown>>> = {
  resolve: () => engine.resolveHosts(),
  scan: () => engine.scan(),
};
const cost = await measure(async () => {
  await engine.loadHosts();
  await works[work as StartWork]();
});
const answered = countAnswered(engine.snapshot());
await engine.dispose();
process.send?.({ cost, answered } satisfies StartDone);
process.disconnect();
