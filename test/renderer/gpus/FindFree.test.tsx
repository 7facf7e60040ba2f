import { screen, waitFor, within } from '@testing-library/react';
import { afterEach, expect, test } from 'vitest';
import { busyGpu, gpu, host, snapshot } from '../samples.ts';
import { closeWindow, expectAccessible, openWindow } from '../window.tsx';

afterEach(closeWindow);

const small = { name: 'NVIDIA L40S', memTotalMiB: 46_068 };
const shot = () =>
  snapshot({
    hosts: [
      host('many', 8, 0),
      host('pair', 0, 0, { gpus: [busyGpu(0), gpu(1), gpu(2)] }),
      host('small', 0, 0, { gpus: [gpu(0, small), gpu(1, small)] }),
      host('full', 0, 8),
    ],
  });

const offers = () =>
  within(screen.getByRole('dialog', { name: 'Find free GPUs' }))
    .queryAllByRole('listitem')
    .map((item) =>
      [...item.querySelectorAll('button:first-child, code')].map(({ textContent }) => textContent).join(' '),
    );

async function openFinder() {
  const opened = await openWindow(shot());
  await opened.user.click(screen.getByRole('button', { name: 'Find free GPUs' }));
  return opened;
}

test('lists the hosts that have so many, best fit first, and copies the way there', async () => {
  const { user, container } = await openFinder();
  await user.clear(screen.getByLabelText('GPUs'));
  await user.type(screen.getByLabelText('GPUs'), '2');
  expect(offers()).toEqual([
    'small CUDA_VISIBLE_DEVICES=0,1',
    'pair CUDA_VISIBLE_DEVICES=1,2',
    'many CUDA_VISIBLE_DEVICES=0,1',
  ]);
  await user.type(screen.getByLabelText('GiB each, at least'), '80');
  expect(offers()).toEqual(['pair CUDA_VISIBLE_DEVICES=1,2', 'many CUDA_VISIBLE_DEVICES=0,1']);
  expect(screen.getByText('2 matching free GPUs on 2 hosts, best fit first')).toBeTruthy();
  await expectAccessible(container);
  await user.click(screen.getByRole('button', { name: 'Copy the command for pair' }));
  expect(await navigator.clipboard.readText()).toBe(
    `ssh -t pair 'exec env CUDA_DEVICE_ORDER=PCI_BUS_ID CUDA_VISIBLE_DEVICES=1,2 "$SHELL" -l'`,
  );
  await screen.findByText('Copied command');
});

test('asks for a kind, and says when nobody has it', async () => {
  const { user } = await openFinder();
  await user.selectOptions(screen.getByLabelText('Kind'), 'L40S');
  expect(offers()).toEqual(['small CUDA_VISIBLE_DEVICES=0']);
  await user.clear(screen.getByLabelText('GPUs'));
  await user.type(screen.getByLabelText('GPUs'), '3');
  expect(offers()).toEqual([]);
  expect(screen.getByText('No host has that many free right now')).toBeTruthy();
  // A field that says nothing asks for the least.
  await user.clear(screen.getByLabelText('GPUs'));
  expect(offers()).toEqual(['small CUDA_VISIBLE_DEVICES=0']);
});

test('follows the hosts, keeps its fields, and leads to a row', async () => {
  const { user, apply } = await openFinder();
  await user.clear(screen.getByLabelText('GPUs'));
  await user.type(screen.getByLabelText('GPUs'), '8');
  expect(offers()).toHaveLength(1);
  apply({ kind: 'host-changed', host: host('full', 8, 0) });
  await waitFor(() => expect(offers()).toHaveLength(2));
  await user.keyboard('{Escape}');
  expect(screen.queryByRole('dialog')).toBeNull();
  await user.click(screen.getByRole('button', { name: 'Find free GPUs' }));
  expect(screen.getByLabelText('GPUs')).toHaveProperty('value', '8');
  const finder = within(screen.getByRole('dialog', { name: 'Find free GPUs' }));
  await user.click(finder.getByRole('button', { name: 'many' }));
  expect(window.location.hash).toBe('#gpus/many');
  await waitFor(() => expect(document.activeElement?.closest('tr')?.dataset.marked).toBe('true'));
});
