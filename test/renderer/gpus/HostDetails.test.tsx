import { screen, waitFor, within } from '@testing-library/react';
import { afterEach, expect, test } from 'vitest';
import type { GpuDetails } from '#common/hosts.ts';
import { aFailure, aGpu, aProcess } from '../../support/samples.ts';
import { busyGpu, gpu, host, server, snapshot } from '../samples.ts';
import { closeWindow, expectAccessible, openWindow } from '../window.tsx';

afterEach(closeWindow);

const details: GpuDetails = {
  powerLimitW: 700,
  fanPct: 42,
  smClockMHz: 1980,
  memClockMHz: 2619,
  eccUncorrected: 0,
  throttleReasons: [],
  pciBusId: '00000000:65:00.0',
};

async function unfold(name = 'gpu01') {
  await openedUser().click(screen.getByRole('button', { name }));
}
let opened: Awaited<ReturnType<typeof openWindow>> | null = null;
const openedUser = () => {
  if (opened === null) throw new Error('no window');
  return opened.user;
};

test('a GPU shows all that its tool tells', async () => {
  const slow = { ...details, throttleReasons: ['power cap', 'thermal'], eccUncorrected: 3 };
  const gpus = [
    busyGpu(0, { details, powerW: 563.4 }),
    busyGpu(1, { details: slow, powerW: null }),
    gpu(2, {
      details: { ...aGpu.details, eccUncorrected: null, smClockMHz: null, memClockMHz: null },
      unifiedMemory: true,
    }),
  ];
  opened = await openWindow(snapshot({ hosts: [host('gpu01', 0, 0, { gpus })] }));
  await unfold();
  const table = screen.getByRole('table', { name: 'GPUs of gpu01' });
  const [, first, second, third] = within(table).getAllByRole('row');
  expect(first?.textContent).not.toContain('00000000:65:00.0');
  await opened.user.click(screen.getByRole('button', { name: /^PCI address, clocks/ }));
  expect(first?.textContent).toContain('563 / 700 W');
  expect(first?.textContent).toContain(
    '00000000:65:00.0 · SM 1980 MHz · memory 2619 MHz · fan 42 % · no ECC errors',
  );
  expect(second?.textContent).toContain('slowed by power cap, thermal');
  expect(second?.textContent).toContain('3 uncorrected ECC errors');
  expect(third?.textContent).toContain('shares the host’s memory');
  await expectAccessible(opened.container);
});

test('processes tell who, what, for how long and how much', async () => {
  const measuredAt = Date.now();
  const process = { ...aProcess, user: 'alice', command: 'python train.py', memUsedMiB: 71_000 };
  const processes = [
    { ...process, startedAt: measuredAt - 3 * 3_600_000 },
    { ...process, pid: 2, user: null, startedAt: null },
  ];
  opened = await openWindow(
    snapshot({ hosts: [host('gpu01', 0, 0, { measuredAt, gpus: [busyGpu(0, { processes })] })] }),
  );
  await unfold();
  const items = within(screen.getByRole('list', { name: 'Processes on GPU 0' })).getAllByRole('listitem');
  expect(items.map((item) => [...item.children].map(({ textContent }) => textContent))).toEqual([
    ['alice', 'PID 4242', 'python train.py', '3 h', '69.3 GiB', ''],
    ['unknown user', 'PID 2', 'python train.py', '–', '69.3 GiB', ''],
  ]);
  await opened.user.click(screen.getByRole('button', { name: 'Copy PID 4242' }));
  expect(await navigator.clipboard.readText()).toBe('4242');
});

test('the job of a scheduler says who has a GPU, and a dash what is not known', async () => {
  const gpus = [
    gpu(0, { job: { user: 'ada', job: '4711', pod: null } }),
    gpu(1, { job: { user: null, job: null, pod: 'ml/train-0' } }),
    gpu(2),
  ];
  opened = await openWindow(snapshot({ hosts: [host('gpu01', 0, 0, { gpus })] }));
  expect(screen.getByText('ada, ml/train-0')).toBeTruthy();
  await unfold();
  const job = (index: number) =>
    [...screen.getByRole('list', { name: `Job on GPU ${index}` }).querySelectorAll('span')].map(
      ({ textContent }) => textContent,
    );
  expect(job(0)).toEqual(['ada', '#4711', '–']);
  expect(job(1)).toEqual(['–', '–', 'ml/train-0']);
  expect(screen.queryByRole('list', { name: 'Job on GPU 2' })).toBeNull();
});

test('MIG instances stand with their own memory and processes, and a shell on the free ones', async () => {
  const process = { ...aProcess, pid: 7, user: 'fatima' };
  const instance = { profile: '1g.10gb', memTotalMiB: 9856, memUsedMiB: 12, processes: [] };
  const instances = [
    { ...instance, index: 0, uuid: 'MIG-a', memUsedMiB: 9000, processes: [process] },
    { ...instance, index: 1, uuid: 'MIG-b' },
  ];
  const loose = { ...process, pid: 8, user: 'gus' };
  const gpus = [gpu(0, { utilPct: null, instances, processes: [process, loose] })];
  opened = await openWindow(snapshot({ hosts: [host('gpu01', 0, 0, { gpus })] }));
  await unfold();
  const list = screen.getByRole('list', { name: 'MIG instances of GPU 0' });
  expect(list.textContent).toContain('MIG 1g.10gbin use8.8 / 9.6 GiBMIG-a');
  expect(list.textContent).toContain('MIG 1g.10gbfree0.0 / 9.6 GiBMIG-b');
  expect(within(list).getByText('fatima')).toBeTruthy();
  expect(within(list).queryByText('gus')).toBeNull();
  expect(within(screen.getByRole('list', { name: 'Processes on GPU 0' })).getByText('gus')).toBeTruthy();
  expect(
    screen.getByText(
      `ssh -t gpu01 'exec env CUDA_DEVICE_ORDER=PCI_BUS_ID CUDA_VISIBLE_DEVICES=MIG-b "$SHELL" -l'`,
    ),
  ).toBeTruthy();
});

test('the host tells its driver, load, memory, client and models, and what to paste', async () => {
  const change = {
    cudaVersion: '12.8',
    client: 'system',
    forwarding: 'prohibited',
    system: { cpuCount: 128, load1: 12.34, memUsedMiB: 102_400, memTotalMiB: 1_048_576 },
  } as const;
  const hosts = [host('gpu01', 2, 1, change)];
  opened = await openWindow(snapshot({ hosts, servers: [server('gpu01', 8000, ['org/Llama'])] }));
  await unfold();
  const facts = [...opened.container.querySelectorAll('.Fact__facts > div')].map(
    ({ textContent }) => textContent,
  );
  expect(facts).toEqual([
    'Addressme@gpu01.example.org:22',
    'Driver550.54.15',
    'CUDA12.8',
    'Load12.3 on 128 CPUs',
    'Host memory100 of 1024 GiB',
    'Clientthe system’s ssh',
    'Forwardingnot allowed by this host',
    'Modelsorg/Llama',
    expect.stringMatching(/^Measured0:0\d ago$/),
  ]);
  const links = screen.getAllByRole('link', { name: /Llama$/ }).map((link) => link.getAttribute('href'));
  expect(links).toEqual(['#models/gpu01%3A8000', '#models/gpu01%3A8000']);
  await opened.user.click(screen.getByRole('button', { name: /^Copy shell on the 2 free GPUs/ }));
  expect(await navigator.clipboard.readText()).toBe(
    `ssh -t gpu01 'exec env CUDA_DEVICE_ORDER=PCI_BUS_ID CUDA_VISIBLE_DEVICES=0,1 "$SHELL" -l'`,
  );
});

test('a stale host says why in what it unfolds, and can be tried again', async () => {
  const state = {
    kind: 'stale',
    failure: aFailure('connection-lost', { detail: 'read ECONNRESET' }),
  } as const;
  opened = await openWindow(snapshot({ hosts: [host('gpu01', 1, 1, { state })] }));
  await unfold();
  expect(screen.getByText('read ECONNRESET')).toBeTruthy();
  await opened.user.click(screen.getByRole('button', { name: 'Try again gpu01' }));
  await waitFor(() =>
    expect(opened?.calls()).toEqual([{ name: 'scan.start', input: { hostIds: ['gpu01'] } }]),
  );
});
