import { expect, it } from 'vitest';
import { unattended, unattendedWords } from '#engine/ssh/io/unattended.ts';

const desktop = {
  PATH: '/bin',
  SSH_AUTH_SOCK: '/agent',
  DISPLAY: ':0',
  WAYLAND_DISPLAY: 'wayland-0',
  SSH_ASKPASS: '/usr/bin/askpass',
  SSH_ASKPASS_REQUIRE: 'force',
};

it('an ssh that no person waits for opens no dialog, and still has the agent', () => {
  expect(unattended(desktop)).toEqual({
    PATH: '/bin',
    SSH_AUTH_SOCK: '/agent',
    SSH_ASKPASS_REQUIRE: 'never',
  });
});

it('the words before a program leave out the same variables', () => {
  const gone = Object.keys(desktop).filter((name) => !(name in unattended(desktop)));
  const words = unattendedWords.filter((_word, at) => unattendedWords[at - 1] === '-u');
  expect(words.toSorted()).toEqual(gone.toSorted());
  expect(unattendedWords.at(-1)).toBe('SSH_ASKPASS_REQUIRE=never');
});
