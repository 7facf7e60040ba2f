import { screen, waitFor, within } from '@testing-library/react';
import { afterEach, expect, test } from 'vitest';
import { defaultSettings } from '#common/settings.ts';
import { host, server, snapshot } from '../samples.ts';
import { closeWindow, expectAccessible, openWindow } from '../window.tsx';

afterEach(closeWindow);

const hosts = [host('gpu01', 4, 0)];
const servers = [server('gpu01', 9000, ['other/model'])];
const profile = {
  id: 'p1',
  name: 'chat',
  request: {
    hostId: 'gpu01',
    model: 'org/chat',
    launcher: { kind: 'conda' as const, environment: 'mine' },
    args: ['--chat-template', 'a b'],
    env: { X: '1' },
    lifetimeSeconds: 7200,
  },
};
const settings = { ...defaultSettings, launchProfiles: [profile] };
const dialog = () => within(screen.getByRole('dialog', { name: 'Serve a model' }));
const open = async (initial = snapshot({ hosts, servers })) => {
  const opened = await openWindow(initial, { view: 'models' });
  await opened.user.click(screen.getByRole('button', { name: 'Serve a model' }));
  return opened;
};

test('a profile is saved under a name, and not while something is wrong', async () => {
  const { user, calls } = await open();
  await user.click(dialog().getByRole('button', { name: 'Save profile' }));
  expect(dialog().getByText('Name the profile.')).toBeTruthy();
  await user.type(dialog().getByLabelText('Name of the profile'), 'big{Enter}');
  expect(dialog().getByText('Name a model.')).toBeTruthy();
  expect(calls()).toEqual([]);
  await user.type(dialog().getByLabelText('Model'), 'org/big');
  await user.type(dialog().getByLabelText(/^Environment/), 'HF_TOKEN=x');
  await user.click(dialog().getByRole('button', { name: 'Save profile' }));
  expect(dialog().getByText(/Others on the host would see this secret/)).toBeTruthy();
  expect(calls()).toEqual([]);
  await user.clear(dialog().getByLabelText(/^Environment/));
  await user.click(dialog().getByRole('button', { name: 'Save profile' }));
  await waitFor(() => expect(calls().length).toBe(1));
  expect(calls()[0]).toMatchObject({
    name: 'settings.update',
    input: {
      change: { launchProfiles: [{ name: 'big', request: { model: 'org/big', lifetimeSeconds: null } }] },
    },
  });
});

test('a chosen one fills the fields, is changed under another name, and deleted with a way back', async () => {
  const { user, calls, container } = await open(snapshot({ hosts, servers, settings }));
  await user.selectOptions(dialog().getByLabelText('Profile'), 'chat');
  expect(dialog().getByLabelText('Model')).toHaveProperty('value', 'org/chat');
  expect(dialog().getByLabelText('Further arguments of vllm serve')).toHaveProperty(
    'value',
    "--chat-template 'a b'",
  );
  expect(dialog().getByLabelText('Lifetime')).toHaveProperty('value', '2h');
  await expectAccessible(container);
  await user.type(dialog().getByLabelText('Name of the profile'), ' two{Enter}');
  await waitFor(() =>
    expect(calls().at(-1)?.input).toEqual({
      change: { launchProfiles: [{ ...profile, name: 'chat two' }] },
    }),
  );
  await user.click(dialog().getByRole('button', { name: 'Delete profile' }));
  await waitFor(() => expect(calls().at(-1)?.input).toEqual({ change: { launchProfiles: [] } }));
  expect(await screen.findByText('Deleted profile chat two')).toBeTruthy();
});
