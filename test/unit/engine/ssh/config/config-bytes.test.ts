import { describe, expect, it } from 'vitest';
import { decodeConfig } from '#engine/ssh/config/config-bytes.ts';

const text = 'Host gpu\n  User me\n';
const utf16 = (mark: boolean) => Buffer.from(`${mark ? '\ufeff' : ''}${text}`, 'utf16le');

describe('the bytes of a configuration', () => {
  it('are plain text', () => {
    expect(decodeConfig(Buffer.from(`${text}# größe\n`), 'linux')).toEqual({
      text: `${text}# größe\n`,
      flaw: null,
    });
  });

  it.each([
    ['UTF-16 with a mark', utf16(true), 'UTF-16'],
    ['UTF-16 without one', utf16(false), 'UTF-16'],
    ['UTF-16 the other way round', utf16(true).swap16(), 'UTF-16'],
    ['UTF-32', Buffer.from([0xff, 0xfe, 0, 0, 0x48, 0, 0, 0]), 'UTF-32'],
  ])('are no text for ssh in %s', (_name, bytes, encoding) => {
    const { text: read, flaw } = decodeConfig(bytes, 'linux');
    expect([read, flaw?.line]).toEqual(['', 1]);
    expect(flaw?.what).toContain(encoding);
  });

  it('begin with a mark that ssh refuses, except on Windows', () => {
    const marked = Buffer.from(`\ufeff${text}`);
    expect(decodeConfig(marked, 'linux')).toMatchObject({ text, flaw: { line: 1 } });
    expect(decodeConfig(marked, 'win32')).toEqual({ text, flaw: null });
  });

  it('end a line at a NUL, as for ssh', () => {
    expect(decodeConfig(Buffer.from('Host a\n  User me\0you\nHost b\n'), 'linux')).toMatchObject({
      text: 'Host a\n  User me\nHost b\n',
      flaw: { line: 2, what: expect.stringContaining('NUL') },
    });
  });

  it('may hold what is not UTF-8, which is said with its line', () => {
    const latin = Buffer.from('Host a\nHost gr\xf6\xdfe\n', 'latin1');
    expect(decodeConfig(latin, 'linux').flaw).toMatchObject({
      line: 2,
      what: expect.stringContaining('UTF-8'),
    });
  });
});
