import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, vi } from 'vitest';

export interface StandIns {
  /** For the shell: the programs first in PATH, and a TMPDIR of its own. */
  readonly env: NodeJS.ProcessEnv;
  readonly directory: string;
  write(program: string, script: string): void;
  /** What the shell has left in its TMPDIR. */
  leftovers(): readonly string[];
  /** Resolves when the program {@link hanging} is dead: gone, or a zombie that nobody has collected yet. */
  hangingGone(): Promise<void>;
}

/** A directory of stand-in programs, gone after the test. */
export function standIns(programs: Readonly<Record<string, string>>): StandIns {
  const directory = mkdtempSync(join(tmpdir(), 'vllm-tray-test-'));
  const temporary = mkdtempSync(join(directory, 'tmp-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  const write = (program: string, script: string): void =>
    writeFileSync(join(directory, program), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  for (const [program, script] of Object.entries(programs)) write(program, script);
  return {
    env: { PATH: `${directory}:${process.env.PATH}`, TMPDIR: temporary, HERE: directory },
    directory,
    write,
    leftovers: () => readdirSync(temporary),
    async hangingGone() {
      const pid = readFileSync(join(directory, 'hanging'), 'utf8').trim();
      const state = () => spawnSync('ps', ['-o', 'stat=', '-p', pid]).stdout.toString().trim();
      await vi.waitFor(() => expect(state()).toMatch(/^(?:Z.*)?$/));
    },
  };
}

const header =
  'index, uuid, name, utilization.gpu [%], memory.used [MiB], memory.total [MiB], temperature.gpu, power.draw [W], driver_version, mig.mode.current';

/** Two GPUs, one of them with the process `$APP` if that is set. */
export const twoGpus = `
case $1 in
--query-gpu=*)
  echo '${header}'
  echo '0, GPU-a, NVIDIA H100 80GB HBM3, 97, 70000, 81559, 61, 698.12, 550.54.15, Disabled'
  echo '1, GPU-b, NVIDIA H100 80GB HBM3, 0, 4, 81559, 33, 74.01, 550.54.15, Disabled' ;;
--query-compute-apps=*)
  echo 'gpu_uuid, pid, process_name, used_gpu_memory [MiB]'
  [ -z "$APP" ] || echo "GPU-a, $APP, /usr/bin/python3, 69000" ;;
*) exit 2 ;;
esac
exit 0`;

/** Hangs, with its process id in the file `hanging`. */
export const hanging =
  'echo $$ >"$HERE/hanging.new" && mv "$HERE/hanging.new" "$HERE/hanging"\nexec sleep 600';
