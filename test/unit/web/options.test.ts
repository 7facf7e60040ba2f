import { describe, expect, it } from 'vitest';
import { browserCommand } from '../../../main/web/open-browser.ts';
import { parseOptions } from '../../../main/web/options.ts';

describe('options of the browser face', () => {
  it('has defaults for all', () => {
    expect(parseOptions([])).toEqual({
      port: 0,
      open: true,
      tokenFile: null,
      help: false,
    });
  });

  it('reads each', () => {
    const args = ['--web', '--demo', '--ssh-config=f', '--port', '8080', '--no-open', '--host-regex', '^a'];
    expect(parseOptions([...args, '--token-file', 't'])).toMatchObject({
      sshConfig: 'f',
      demo: true,
      port: 8080,
      open: false,
      tokenFile: 't',
      hostRegex: /^a/,
    });
  });

  it.each([
    [['--port', '70000'], '--port 70000: It must be a whole number from 0 to 65535.'],
    [['--port', '80x'], '--port 80x: It must be'],
    [['--port='], '--port: It needs a value.'],
    [['--host-regex', '('], '--host-regex (: It must be a regular expression.'],
    [['--nonsense'], '--nonsense'],
    [['extra'], 'extra'],
  ])('says what is wrong with %j', (args, sentence) => {
    expect(() => parseOptions(args)).toThrow(sentence);
  });
});

describe('opening the browser', () => {
  const url = 'http://127.0.0.1:1/?token=t';

  it('uses what each system has', () => {
    expect(browserCommand(url, 'darwin', {})?.program).toBe('open');
    expect(browserCommand(url, 'win32', {})?.program).toBe('rundll32');
    expect(browserCommand(url, 'linux', { DISPLAY: ':0' })).toEqual({ program: 'xdg-open', args: [url] });
    expect(browserCommand(url, 'linux', { WAYLAND_DISPLAY: 'wayland-0' })?.program).toBe('xdg-open');
  });

  it('opens nothing where nobody would see it', () => {
    expect(browserCommand(url, 'linux', {})).toBeNull();
    expect(browserCommand(url, 'linux', { DISPLAY: '' })).toBeNull();
  });
});
