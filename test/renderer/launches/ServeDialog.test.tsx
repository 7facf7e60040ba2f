import { screen, waitFor, within } from '@testing-library/react';
import { afterEach, expect, test } from 'vitest';
import { AppError } from '#common/failure.ts';
import type { LaunchPlan } from '#common/launches.ts';
import { host, server, snapshot } from '../samples.ts';
import { closeWindow, expectAccessible, openWindow } from '../window.tsx';

afterEach(closeWindow);

const hosts = [host('gpu01', 4, 0), host('gpu02', 1, 0)];
const servers = [server('gpu01', 9000, ['other/model'])];
const plan: LaunchPlan = {
  id: 'plan-1',
  hostId: 'gpu01',
  name: 'vllmctl_server_8000',
  model: 'some/model',
  remotePort: 8000,
  gpus: ['GPU-0'],
  launcher: 'plain',
  command: "exec env CUDA_VISIBLE_DEVICES=GPU-0 vllm serve some/model '<b>'",
  lifetimeSeconds: null,
};
const answering = { 'launch.plan': () => plan, 'launch.start': () => 'gpu01/vllmctl_server_8000' } as const;
const dialog = () => within(screen.getByRole('dialog', { name: 'Serve a model' }));

test('the command is shown whole before it runs, and starts by keyboard alone', async () => {
  const { user, calls, container } = await openWindow(snapshot({ hosts, servers }), {
    view: 'models',
    handlers: answering,
  });
  screen.getByRole('button', { name: 'Serve a model' }).focus();
  await user.keyboard('{Enter}');
  await expectAccessible(container);
  dialog().getByLabelText('Model').focus();
  await user.keyboard('some/model{Enter}');
  expect(await dialog().findByText(plan.command)).toBeTruthy();
  await expectAccessible(container);
  expect(calls().map(({ name }) => name)).toEqual(['launch.plan']);
  await waitFor(() => expect(document.activeElement?.textContent).toBe('Start'));
  await user.keyboard('{Enter}');
  await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
  expect(calls()).toContainEqual({ name: 'launch.start', input: { planId: 'plan-1' } });
  expect(window.location.hash).toBe('#models/gpu01%2Fvllmctl_server_8000');
});

test('what is wrong is said at its field, which gets the focus', async () => {
  const { user, calls } = await openWindow(snapshot({ hosts, servers }), {
    view: 'models',
    handlers: answering,
  });
  await user.click(screen.getByRole('button', { name: 'Serve a model' }));
  await user.click(dialog().getByRole('button', { name: 'Show command' }));
  const model = dialog().getByLabelText('Model');
  expect(document.getElementById(model.getAttribute('aria-describedby') ?? '')?.textContent).toBe(
    'Name a model.',
  );
  expect(document.activeElement).toBe(model);
  expect(calls()).toEqual([]);
});

test('what the engine refuses is said, and what was typed stays', async () => {
  const refuse = () => {
    throw new AppError('gpus-busy', { step: 'launch', detail: 'GPU-0 is in use' });
  };
  const { user } = await openWindow(snapshot({ hosts, servers }), {
    view: 'models',
    handlers: { ...answering, 'launch.start': refuse },
  });
  await user.click(screen.getByRole('button', { name: 'Serve a model' }));
  await user.type(dialog().getByLabelText('Model'), 'some/model{Enter}');
  await user.click(await dialog().findByRole('button', { name: 'Start' }));
  expect((await dialog().findByRole('alert')).textContent).toContain('GPU-0 is in use');
  expect(dialog().getByLabelText('Model')).toHaveProperty('value', 'some/model');
});

test('a host, and Find free, fill in what they know', async () => {
  const { user, calls } = await openWindow(snapshot({ hosts, servers }), {
    view: 'gpus',
    handlers: answering,
  });
  await user.click(screen.getByRole('button', { name: 'Find free GPUs' }));
  await user.click(await screen.findByRole('button', { name: 'Serve a model on gpu01' }));
  expect(dialog().getByLabelText('Host')).toHaveProperty('value', 'gpu01');
  expect(dialog().getByLabelText('Their numbers')).toHaveProperty('value', '0');
  await user.selectOptions(dialog().getByLabelText('vLLM from'), 'conda');
  await user.type(dialog().getByLabelText('Name of the environment'), 'mine');
  await user.type(dialog().getByLabelText('Lifetime'), '2h');
  await user.type(dialog().getByLabelText('Model'), 'm{Enter}');
  await waitFor(() => expect(calls().at(-1)?.name).toBe('launch.plan'));
  expect(calls().at(-1)?.input).toMatchObject({
    hostId: 'gpu01',
    launcher: { kind: 'conda', environment: 'mine' },
    gpus: { kind: 'indices', indices: [0] },
    lifetimeSeconds: 7200,
  });
});
