import { execLine, type Launcher, shellLine, vllmWords } from './launcher.ts';

/** The `vllm` of a virtual environment, activated: what it starts in turn is looked for there too. */
export const venv: Launcher<'venv'> = {
  line: (work, { folder }) =>
    [`. ${path(`${folder}/bin/activate`)}`, execLine(work, ['vllm', ...vllmWords(work)])].join(' && '),
  killLine: () => null,
};

/** A leading `~` is the home folder there, as where a person types it; quoted, it would be a folder of that name. */
function path(file: string): string {
  if (file.startsWith('~/')) return `~/${shellLine([file.slice(2)])}`;
  // `.` looks for a name without a slash in PATH, and takes a leading dash for an option.
  return shellLine([file.startsWith('/') ? file : `./${file}`]);
}
