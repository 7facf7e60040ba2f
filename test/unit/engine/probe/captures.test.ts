/** Every file of real output, against what a careful reader would say of it. */

import { test } from 'vitest';
import { describeFixtures } from '../../../support/fixtures.ts';
import { compare, type Lines } from './captures.ts';

const unnamed = 'unknown GPU:';
const h200 = 'powerLimitW=700 smClockMHz=345 memClockMHz=3201 eccUncorrected=0 pciBusId=00000000:83:00.0';

const queries: Readonly<Record<string, Lines>> = {
  // Its header does not fit its rows.
  'csvlog_8gpu_mislabelled-header.csv': [`0 ${unnamed} null% 4/81559MiB 35C 72.96W`],
  'csvlog_header-units_4090.csv': ['0 NVIDIA GeForce RTX 4090: 1% 1129/nullMiB nullC 33.09W', '... 59'],
  'csvlog_noheader-units_no-index.csv': [`0 ${unnamed} 0% 2/nullMiB 27C 11.64W`, '... 40'],
  'csvlog_repeated-header_rtx2070.csv': [
    '0 NVIDIA GeForce RTX 2070: 11% 827/8192MiB nullC nullW pciBusId=00000000:01:00.0',
  ],
  'query_4xh100_header-units_index-uuid.csv': [
    `0 ${unnamed} 0% 529/nullMiB nullC nullW`,
    `1 ${unnamed} 0% 5/nullMiB nullC nullW`,
    `2 ${unnamed} 98% 74709/nullMiB nullC nullW`,
    `3 ${unnamed} 0% 567/nullMiB nullC nullW`,
  ],
  'query_all-columns_header-units_h100_load.csv': [
    '0 NVIDIA H100 80GB HBM3: 100% 19818/81559MiB 59C 631.95W powerLimitW=700 smClockMHz=1980 memClockMHz=2619 eccUncorrected=0 pciBusId=00000000:00:09.0',
  ],
  'query_all-columns_header-units_h200-mig_idle.csv': [
    `0 NVIDIA H200: null% 55/143771MiB 28C 78.28W ${h200} MIG`,
  ],
  'query_all-columns_header-units_h200_idle.csv': [`0 NVIDIA H200: 0% 0/143771MiB 28C 77.71W ${h200}`],
  'query_all-columns_header-units_l40s_load.csv': [
    '0 NVIDIA L40S: 9% 1235/46068MiB 54C 110.23W powerLimitW=350 smClockMHz=2520 memClockMHz=9001 eccUncorrected=0 pciBusId=00000000:01:00.0',
  ],
  'query_all-columns_header-units_rtx2080s_drv610_load.csv': [
    '0 NVIDIA GeForce RTX 2080 SUPER: 8% 815/8192MiB 38C 98.14W powerLimitW=250 fanPct=38 smClockMHz=2070 memClockMHz=7500 pciBusId=00000000:0C:00.0',
  ],
  'query_all-columns_header-units_rtx4080s_idle.csv': [
    '0 NVIDIA GeForce RTX 4080 SUPER: 0% 596/16376MiB 43C 26.2W powerLimitW=320 fanPct=0 smClockMHz=210 memClockMHz=405 pciBusId=00000000:01:00.0',
  ],
  'query_gb10_header-units_memory-NA.csv': [`0 ${unnamed} 0% null/nullMiB 35C 11.17W unified`],
  // Neither a name nor a measure that would tell a GB10 from a GPU that does not answer.
  'query_gb10_noheader.csv': [`0 ${unnamed} null% null/nullMiB nullC nullW`],
  'query_header-units_2gpu_index-last.csv': [
    '0 NVIDIA GeForce RTX 2080 SUPER: null% 575/nullMiB nullC nullW fanPct=38 pciBusId=00000000:01:00.0',
    '1 Some Other GPU: null% 1234/nullMiB nullC nullW fanPct=50 pciBusId=00000000:02:00.0',
  ],
  'query_no-space-after-comma_mock.csv': ['00000001', '00000002', '0000000A', '0000000D'].map(
    (bus, index) => `${index} ${unnamed} null% null/nullMiB nullC nullW pciBusId=${bus}:00:00.0`,
  ),
  'query_noheader-nounits_new-NA.csv': [`0 ${unnamed} 0% 0/2004MiB 44C nullW`],
  'query_noheader-nounits_old-Not-Supported.csv': [`0 ${unnamed} 0% 0/2004MiB 44C nullW`],
  'query_noheader-units_unknown-error.csv': [
    '0 GeForce GTX 1080 Ti: 53% null/nullMiB 84C 123W powerLimitW=262.5 smClockMHz=1746 memClockMHz=5310',
    '1 GeForce GTX 1080 Ti: 78% null/nullMiB 68C 242.05W powerLimitW=262.5 fanPct=60 smClockMHz=1987 memClockMHz=5310',
    '2 GeForce GTX 1080 Ti: 63% null/nullMiB 73C 266.25W powerLimitW=262.5 fanPct=83 smClockMHz=1911 memClockMHz=5310',
    '3 GeForce GTX 1080 Ti: 75% null/nullMiB 70C 257.66W powerLimitW=262.5 fanPct=65 smClockMHz=1898 memClockMHz=5310',
    '4 GeForce GTX 1080 Ti: 69% null/nullMiB 72C 239.59W powerLimitW=250 fanPct=77 smClockMHz=1847 memClockMHz=5005',
    '5 GeForce GTX 1080 Ti: 73% null/nullMiB 71C 294.91W powerLimitW=262.5 fanPct=71 smClockMHz=1885 memClockMHz=5310',
    '6 GeForce GTX 1080 Ti: 67% null/nullMiB 73C 267.73W powerLimitW=262.5 fanPct=83 smClockMHz=1898 memClockMHz=5310',
    '7 GeForce GTX 1080: 83% null/nullMiB 70C 181.22W powerLimitW=200 fanPct=71 smClockMHz=1860 memClockMHz=4513',
  ],
};

const mig = (index: number, profile: string): string => {
  const one = index.toString().padStart(8, '0');
  return `${index} ${profile} null/nullMiB MIG-${one}-0000-0000-0000-${one.padStart(12, '0')}`;
};

const others: Readonly<Record<string, Lines>> = {
  'compute-apps_gb10_noheader-nounits.csv': ['GPU-... 114687 /usr/local/bin/python 19135MiB'],
  'compute-apps_header-only_l40s_idle.csv': [],
  'compute-apps_header-units_gpu_uuid.csv': [
    'GPU-e82ab913 1912379 null 518MiB',
    'GPU-f7c1496c 3891903 null 74698MiB',
    'GPU-cfd9ce0a 1912379 null 518MiB',
  ],
  'compute-apps_header-units_h100-mig_load.csv': [
    'GPU-00000000 21180 /root/tools/memhog 2296MiB',
    'GPU-00000000 21181 /root/tools/memhog 1272MiB',
    'GPU-00000000 21198 ./gpu_burn 7484MiB',
  ],
  'compute-apps_header-units_h200_load.csv': [
    'GPU-00000000 10291 /root/tools/memhog 2566MiB',
    'GPU-00000000 10293 /root/tools/memhog 1542MiB',
    'GPU-00000000 10309 ./gpu_burn 28234MiB',
  ],
  'compute-apps_header-units_rtx4080s_idle.csv': ['GPU-00000000 2165 /usr/bin/kwin_wayland 25MiB'],
  'error_device-handle_unknown-error.txt': [
    'gpu-tool-failed Unable to determine the device handle for GPU 0000:0B:00.0: Unknown Error',
  ],
  'error_gpu-lost.txt': [
    'gpu-tool-failed Unable to determine the device handle for GPU 0000:02:00.0: GPU is lost. Reboot the system to recover this GPU',
  ],
  'error_no-devices.txt': ['no-gpu-devices'],
  'error_nvml-mismatch.txt': ['gpu-tool-failed Failed to initialize NVML: Driver/library version mismatch'],
  'error_smi-has-failed.txt': [
    "gpu-tool-failed NVIDIA-SMI has failed because it couldn't communicate with the NVIDIA driver. Make sure that the latest NVIDIA driver is installed and running.",
  ],
  'list_-L_h100.txt': [],
  'list_-L_h200-mig.txt': ['1c.3g.71gb', '2c.3g.71gb', '2g.35gb', '1g.18gb', '1g.18gb'].map(
    (profile, index) => mig(index, profile),
  ),
  'q_8x4090_drv535_busy.txt': ['CUDA 12.2'],
  'q_8xh100_drv535.txt': ['CUDA 12.2'],
  'q_a10_drv535.txt': ['CUDA 12.2'],
  'q_titanv_drv560.txt': ['CUDA 12.6'],
  'table_1080ti_drv560.txt': ['CUDA 12.6'],
  'table_2x4090_drv580.txt': ['CUDA 13.0'],
  'table_4xa100-40_drv450.txt': ['CUDA 11.0'],
  'table_8xh100_drv550_idle.txt': ['CUDA 12.4'],
  'table_a800-mig_partial.txt': ['CUDA 12.2'],
  'table_h100_load.txt': ['CUDA 13.1'],
  'table_l40s_drv580.txt': ['CUDA 13.0'],
  'table_rtx4080s_load.txt': ['CUDA 13.2'],
  'table_v100_drv495_repeated-snapshots.txt': ['CUDA 11.5'],
  'table_windows-rtx2080s_drv591_idle.txt': ['CUDA 13.1'],
  'xml_a100-sxm4-v12.xml': [0, 1, 2, 3].map((index) => `${index} null 12/19968MiB null`),
  'xml_a10g.xml': [],
  'xml_gtx-1070-ti.xml': [],
  'xml_pai_nvidia_smi_sample.xml': [],
  'xml_pai_nvidia_smi_sample_ecc_unsupported.xml': [],
  'xml_quadro-p400.xml': [],
  'xml_rtx-3080-v13.xml': [],
  'xml_rtx-4000-sff-ada-v13.xml': [],
  'xml_tesla-t4.xml': [],
};

describeFixtures('nvidia', (files) => {
  test('every file', () => compare(files, { ...queries, ...others }));
});

describeFixtures('nvidia-derived', (files) => {
  test('every file', () => {
    compare(files, {
      'narrow_noheader-nounits_h100_load.csv': ['0 NVIDIA H100 80GB HBM3: 100% 19818/81559MiB nullC nullW'],
      'narrow_noheader-nounits_h200-mig_idle.csv': ['0 NVIDIA H200: null% 55/143771MiB nullC nullW'],
      'narrow_noheader-nounits_l40s_load.csv': ['0 NVIDIA L40S: 9% 1235/46068MiB nullC nullW'],
      'narrow_noheader-nounits_rtx2080s_load.csv': [
        '0 NVIDIA GeForce RTX 2080 SUPER: 8% 815/8192MiB nullC nullW',
      ],
      'narrow_noheader-nounits_rtx4080s_idle.csv': [
        '0 NVIDIA GeForce RTX 4080 SUPER: 0% 596/16376MiB nullC nullW',
      ],
    });
  });
});

describeFixtures('amd', (files) => {
  const mi100 = '6/32752MiB';
  const mi100Details = 'powerLimitW=290 smClockMHz=300 memClockMHz=1200';
  const vega20 = 'powerLimitW=250 fanPct=20 smClockMHz=808 memClockMHz=350';
  const navi22 = 'Navi 22 [Radeon RX 6700/6700 XT / 6800M]';

  test('every file', () => {
    compare(files, {
      'amd-smi_metric_-u_w7700.truncated.json': ['0 AMD GPU: 42% null/nullMiB nullC nullW'],
      'rocm-smi_mi100_rocm571.json': [
        ...[
          [31, 39, '1E'],
          [30, 37, '22'],
          [31, 35, '3F'],
          [33, 39, '43'],
          [32, 39, '46'],
          [33, 40, '49'],
        ].map(
          ([celsius, watts, bus], index) =>
            `${index} Arcturus GL-XL [Instinct MI100]: 0% ${mi100} ${celsius}C ${watts}W ${mi100Details} pciBusId=0000:${bus}:00.0`,
        ),
        'process 104225 mlir-cpu-runner 0MiB',
      ],
      'rocm-smi_pai.json': [
        `1 Vega 20: 0% 310/16368MiB 31C 34W ${vega20} pciBusId=0000:03:00.0`,
        `2 Vega 20: 0% 18/16368MiB 25C 24W ${vega20} pciBusId=0000:06:00.0`,
      ],
      'rocm-smi_rx6700xt_rocm571.json': [
        `0 ${navi22}: 0% 1492/12272MiB 45C 6W powerLimitW=211 smClockMHz=500 memClockMHz=96 pciBusId=0000:07:00.0`,
      ],
      'rocm-smi_rx6700xt_rocm612.json': [
        `0 ${navi22}: 0% 1500/12272MiB 45C 6W powerLimitW=211 smClockMHz=0 memClockMHz=96 pciBusId=0000:07:00.0`,
      ],
      // --showmemuse is how busy the memory controller is, not how full the memory.
      'rocm-smi_showmemuse_2xrx6800.json': [
        '0 AMD GPU: null% null/nullMiB nullC nullW',
        '1 AMD GPU: null% null/nullMiB nullC nullW',
      ],
      'rocm-smi_vega-10-XT.json': [
        '0 AMD GPU: 0% 17/16368MiB 39C 15W powerLimitW=170 fanPct=13 smClockMHz=1269 memClockMHz=167 pciBusId=0000:04:00.0',
      ],
    });
  });
});
