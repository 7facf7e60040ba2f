import { AppError } from '#common/failure.ts';
import {
  assignments,
  type HostFacts,
  type Launcher,
  type LaunchWork,
  shellLine,
  vllmWords,
} from './launcher.ts';

/** An image with vLLM, run by docker or podman; its port is open on the host's loopback alone. */
export const container: Launcher<'container'> = {
  line(work, { image }, facts) {
    const tool = toolOf(facts);
    if (image.startsWith('-'))
      throw new AppError('launch-refused', { step: 'launch', detail: 'the name of the image is an option' });
    const { name, remotePort } = work;
    const variables = assignments({ ...work, gpus: null }).flatMap((each) => ['--env', each]);
    const run = [
      ...[tool, 'run', '--rm', '--name', name, '--ipc', 'host'],
      // Docker has its init with it; podman wants a package that is often not there, and then starts nothing.
      ...(tool === 'docker' ? ['--init'] : []),
      ...gpuWords(tool, work),
      ...['--publish', `127.0.0.1:${remotePort}:${remotePort}`],
      // Without a value it is that of the host's own environment: a token is in no argument.
      ...['--env', 'HF_TOKEN'],
      ...variables,
    ];
    // The home folder is the host's to fill in, so it stays out of the quotes.
    const cache = '--volume "$HOME"/.cache/huggingface:/root/.cache/huggingface';
    const program = shellLine(['--entrypoint', 'vllm', image, ...vllmWords(work, '0.0.0.0')]);
    return `mkdir -p ~/.cache/huggingface && exec ${shellLine(run)} ${cache} ${program}`;
  },
  killLine: ({ name }, { containerTool }) =>
    containerTool === null ? null : shellLine([containerTool, 'kill', name]),
};

function toolOf({ containerTool }: HostFacts): 'docker' | 'podman' {
  if (containerTool !== null) return containerTool;
  throw new AppError('launch-refused', {
    step: 'launch',
    detail: 'there is neither docker nor podman on the host',
  });
}

/** Docker's own option, whose quotes keep a comma within one device list; podman takes CDI names. AMD: its device files. */
function gpuWords(tool: 'docker' | 'podman', { gpus }: LaunchWork): readonly string[] {
  if (gpus === null) return [];
  if (gpus.vendor === 'amd')
    return [
      ...['--device', '/dev/kfd', '--device', '/dev/dri'],
      ...['--env', `HIP_VISIBLE_DEVICES=${gpus.indices.join(',')}`],
    ];
  if (tool === 'docker') return ['--gpus', `"device=${gpus.uuids.join(',')}"`];
  return gpus.uuids.flatMap((uuid) => ['--device', `nvidia.com/gpu=${uuid}`]);
}
