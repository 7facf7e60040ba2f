/** The folder of a demo host: its stand-in programs, the state they answer from, and the home of its shells. */

import { access, chmod, constants, mkdir, rename, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { shellWord } from '#common/text.ts';
import { launchPrograms } from './launch-programs.ts';
import { nvidiaSmiWithoutDevices, standIns } from './programs.ts';
import { demoUser } from './ssh-files.ts';
import type { StateFiles } from './state-files.ts';

export interface HostHome {
  /** All that its shells see of this computer's environment is the search path, behind the stand-ins. */
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  /** Writes what has changed; a reader sees the old or the new file, never half of one. */
  write(files: StateFiles): Promise<void>;
}

const systemPath = '/usr/local/bin:/usr/bin:/bin';

export async function createHostHome(directory: string, hasGpus: boolean): Promise<HostHome> {
  const bin = join(directory, 'bin');
  const state = join(directory, 'state');
  const cwd = join(directory, 'home');
  await Promise.all([bin, join(state, 'launched'), cwd].map((path) => mkdir(path, { recursive: true })));
  const path = process.env.PATH ?? systemPath;
  const programs = [...Object.entries(standIns), ...Object.entries(launchPrograms)].filter(
    ([name]) => hasGpus || name !== 'nvidia-smi',
  );
  if (!hasGpus && (await hasOwnNvidiaSmi(path))) programs.push(['nvidia-smi', nvidiaSmiWithoutDevices]);
  await Promise.all(
    programs.map(async ([name, text]) => {
      await writeFile(join(bin, name), text);
      await chmod(join(bin, name), 0o755);
    }),
  );
  // Its programs end with this process. A login shell takes the path of the system first: the stand-ins stand before it.
  await writeFile(join(state, 'owner'), `${process.pid}\n`);
  await writeFile(join(cwd, '.profile'), `PATH=${shellWord(bin)}:$PATH\nexport PATH\n`);
  const written = new Map<string, string>();
  return {
    cwd,
    env: {
      PATH: `${bin}${delimiter}${path}`,
      HOME: cwd,
      TMPDIR: cwd,
      USER: demoUser,
      LOGNAME: demoUser,
      SHELL: '/bin/sh',
    },
    async write(files) {
      for (const [name, text] of Object.entries(files)) {
        if (written.get(name) === text) continue;
        const file = join(state, name);
        await writeFile(`${file}.new`, text);
        await rename(`${file}.new`, file);
        written.set(name, text);
      }
    },
  };
}

/** Whether a shell of this computer would find a real nvidia-smi, also where the driver's packages put it. */
async function hasOwnNvidiaSmi(path: string): Promise<boolean> {
  const folders = [...path.split(delimiter), '/usr/bin', '/usr/local/cuda/bin', '/usr/lib/wsl/lib'];
  const found = await Promise.allSettled(
    folders.map((folder) => access(join(folder, 'nvidia-smi'), constants.X_OK)),
  );
  return found.some(({ status }) => status === 'fulfilled');
}
