import { expect, test } from 'vitest';
import { errorsEn } from '#common/words/errors-en.ts';
import { forwardWords } from '../../../renderer/forwards/words.ts';
import { fieldErrorsOf, readForwardForm } from '../../../renderer/lib/forward-form.ts';

test('the form reads ports strictly', () => {
  const read = (remotePort: string, localPort = '', hostId = 'a') =>
    readForwardForm({ hostId, target: remotePort, localPort }, forwardWords.en);
  expect(read(' 8000 ')).toEqual({ ok: true, input: { hostId: 'a', remotePort: 8000 } });
  expect(read('1', '65535')).toEqual({ ok: true, input: { hostId: 'a', remotePort: 1, localPort: 65_535 } });
  for (const bad of ['', '0', '65536', '-1', '80.5', '1e3', '0x50', 'http']) {
    const reading = read(bad);
    expect(!reading.ok && Object.keys(reading.errors), bad).toEqual(['target']);
  }
  const all = read('x', 'y', '');
  expect(!all.ok && Object.keys(all.errors)).toEqual(['hostId', 'target', 'localPort']);
});

test('what the engine refuses finds its field', () => {
  expect(fieldErrorsOf('port-in-use', 'en').localPort).toContain(errorsEn['port-in-use'].title);
  const detail = '16100 is held by python3 (pid 42); 16101 is free';
  expect(fieldErrorsOf('port-in-use', 'en', detail).localPort).toContain(`: ${detail}.`);
  expect(fieldErrorsOf('port-in-use', 'ru', detail).localPort).toMatch(
    /: порт.16100 занят программой.*16101/,
  );
  expect(fieldErrorsOf('target-refused', 'en').target).toContain(errorsEn['target-refused'].hint);
  expect(Object.keys(fieldErrorsOf('connection-lost', 'en'))).toEqual(['form']);
});
