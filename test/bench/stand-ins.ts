/**
 * The programs of a bench's host: one shell each, which starts nothing else and prints a text that is ready but for the
 * numbers that move. So hosts cost as little as they can, whichever way they are asked, and what is left is the client.
 */

export interface StandInGpus {
  readonly alias: string;
  readonly count: number;
}

/** The columns that the engine asks for, as nvidia-smi heads them with `nounits`. */
export const gpuTitles =
  'index, uuid, name, utilization.gpu [%], memory.used [MiB], memory.total [MiB], temperature.gpu, power.draw [W],' +
  ' driver_version, mig.mode.current, power.limit [W], fan.speed [%], clocks.current.sm [MHz],' +
  ' clocks.current.memory [MHz], ecc.errors.uncorrected.volatile.total, clocks_event_reasons.active, pci.bus_id';

/** Four columns of it move with every call, as they do on a GPU at work; memory by less than what a process takes. */
export function nvidiaSmi({ alias, count }: StandInGpus): string {
  const rows = Array.from({ length: count }, (_, gpu) => {
    const memory = 1000 + ((gpu * 9973) % 79_000);
    return (
      `${gpu}, GPU-${alias}-${gpu}, NVIDIA H100 80GB HBM3, $(((n * 7 + ${gpu * 13}) % 101)), $((${memory} + n % 100)),` +
      ` 81559, $((40 + (n + ${gpu}) % 30)), $((100 + (n * 11 + ${gpu}) % 550)).25, 570.133.20, Disabled, 700.00, [N/A],` +
      ` 1980, 2619, 0, 0x0000000000000000, 00000000:${(0x1a + gpu * 16).toString(16)}:00.0`
    );
  });
  return `#!/bin/sh
count=\${0%/bin/*}/state/count
case $1 in
--query-gpu=*)
  n=
  read -r n <"$count"
  n=$((n + 1))
  echo $n >"$count"
  echo "${[gpuTitles, ...rows].join('\n')}" ;;
--query-compute-apps=*) echo 'gpu_uuid, pid, process_name, used_gpu_memory [MiB]' ;;
*) echo 'CUDA Version : 12.8' ;;
esac
`;
}

/** `ss -H -ltnp`. The model server is a process that is there: what is known of one that is gone is asked for again each time. */
export const ssOutput = `LISTEN 0 128  0.0.0.0:22    0.0.0.0:* users:(("sshd",pid=900,fd=3))
LISTEN 0 2048 127.0.0.1:8000 0.0.0.0:* users:(("vllm",pid=1,fd=12))
`;

/** The real one reads the descriptors of all processes of the computer, and here every host sees those of all others. */
export const ss = `#!/bin/sh
echo '${ssOutput.trimEnd()}'
`;

/** As the program that follows it, and notes each start in a file beside those of the host. */
export function counted(program: string, name: string): string {
  return program.replace('\n', `\necho x >>"\${0%/bin/*}/state/starts-${name}"\n`);
}
