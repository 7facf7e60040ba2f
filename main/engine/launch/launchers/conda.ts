import { AppError } from '#common/failure.ts';
import { execLine, type Launcher, shellLine, vllmWords } from './launcher.ts';

/** The `vllm` of an environment of conda, activated as conda documents it for shells that are not interactive. */
export const conda: Launcher<'conda'> = {
  line(work, { environment }, { condaBases }) {
    const [base] = condaBases;
    if (base === undefined)
      throw new AppError('launch-refused', { step: 'launch', detail: 'there is no conda on the host' });
    return [
      shellLine(['.', `${base}/etc/profile.d/conda.sh`]),
      shellLine(['conda', 'activate', environment]),
      execLine(work, ['vllm', ...vllmWords(work)]),
    ].join(' && ');
  },
  killLine: () => null,
};
