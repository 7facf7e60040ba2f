import { screen, within } from '@testing-library/react';
import { afterEach, expect, test } from 'vitest';
import { AppError, errors } from '#common/errors.ts';
import { failure, forward, host, server, snapshot } from './samples.ts';
import { closeWindow, expectAccessible, openWindow } from './window.tsx';

afterEach(closeWindow);

const hosts = [host('gpu01', 1, 0), host('gpu02', 1, 0)];

test('each forward shows both ends, model, state, connections, bytes and its last error', async () => {
  const refused = failure('target-refused', { step: 'forward', detail: 'connect failed' });
  const { container } = await openWindow(
    snapshot({
      hosts,
      servers: [server('gpu01', 8000, ['some/model'])],
      forwards: [
        forward('gpu01', 8000, 16_100, { lastError: refused }),
        forward('gpu02', 9000, null, { state: { kind: 'opening' } }),
      ],
    }),
    { view: 'forwards' },
  );
  const [, first, second] = screen.getAllByRole('row');
  expect(first?.textContent).toContain('localhost:16100');
  expect(first?.textContent).toContain('gpu01:8000');
  expect(first?.textContent).toContain('some/model');
  expect(first?.textContent).toContain('Listening');
  expect(first?.textContent).toContain('1 / 12');
  expect(first?.textContent).toContain('48.3 MB');
  expect(first?.textContent).toContain('1.2 kB');
  expect(first?.textContent).toContain(errors['target-refused'].title);
  expect(second?.textContent).toContain('Opening');
  expect(second?.textContent).toContain('gpu02:9000');
  await expectAccessible(container);
});

test('stop is one contract call, and the row goes', async () => {
  const { user, calls } = await openWindow(snapshot({ hosts, forwards: [forward('gpu01', 8000, 16_100)] }), {
    view: 'forwards',
  });
  await user.click(screen.getByRole('button', { name: 'Stop forward to gpu01:8000' }));
  expect(calls()).toEqual([{ name: 'forward.close', input: { forwardId: 'gpu01:8000' } }]);
  expect(await screen.findByRole('heading', { name: 'No forward is open' })).toBeTruthy();
});

test('a forward by hand needs a host and a port; the local port may be left out', async () => {
  const { user, calls, container } = await openWindow(snapshot({ hosts }), { view: 'forwards' });
  const form = within(screen.getByRole('form', { name: 'Open a forward' }));
  await user.click(form.getByRole('button', { name: 'Open forward' }));
  expect(form.getByText('Choose a host.')).toBeTruthy();
  const remote = form.getByLabelText('Remote port');
  expect(remote.getAttribute('aria-invalid')).toBe('true');
  expect(document.getElementById(remote.getAttribute('aria-describedby') ?? '')?.textContent).toBe(
    'A port is a number from 1 to 65535.',
  );
  await expectAccessible(container);
  expect(calls()).toEqual([]);

  await user.selectOptions(form.getByLabelText('Host'), 'gpu02');
  await user.type(remote, '8000{Enter}');
  expect(calls()).toEqual([{ name: 'forward.open', input: { hostId: 'gpu02', remotePort: 8000 } }]);
  expect(await screen.findByRole('button', { name: 'Stop forward to gpu02:8000' })).toBeTruthy();
  expect(remote).toHaveProperty('value', '');
});

test('a wanted local port goes with the call; what the engine refuses is said at its field', async () => {
  const { user, calls } = await openWindow(snapshot({ hosts }), {
    view: 'forwards',
    handlers: {
      'forward.open': () => {
        throw new AppError('port-in-use');
      },
    },
  });
  const form = within(screen.getByRole('form', { name: 'Open a forward' }));
  await user.selectOptions(form.getByLabelText('Host'), 'gpu01');
  await user.type(form.getByLabelText('Remote port'), '8000');
  const local = form.getByLabelText('Local port');
  await user.type(local, '16100{Enter}');
  const input = { hostId: 'gpu01', remotePort: 8000, localPort: 16_100 };
  expect(calls()).toEqual([{ name: 'forward.open', input }]);
  expect((await form.findByRole('alert')).textContent).toContain(errors['port-in-use'].title);
  expect(local.getAttribute('aria-invalid')).toBe('true');
  await user.type(local, '1');
  expect(form.queryByRole('alert')).toBeNull();
});
