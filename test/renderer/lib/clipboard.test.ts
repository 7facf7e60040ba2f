import { afterEach, expect, test, vi } from 'vitest';
import { createBridge } from '#common/bridge.ts';
import type { CallName } from '#common/contract.ts';
import { createCopyText } from '../../../renderer/lib/clipboard.ts';

afterEach(() => vi.unstubAllGlobals());

const bridgeOf = (request: (name: CallName, input: unknown) => boolean) =>
  createBridge({
    request: async (name, input) =>
      request(name, input)
        ? { ok: true, value: null }
        : { ok: false, error: { code: 'unsupported', detail: '' } },
    on: () => () => undefined,
    onLink: () => () => undefined,
  });

function pageOf(parts: {
  readonly desktop: boolean;
  readonly writeText?: (text: string) => Promise<void>;
}): Window {
  const clipboard = parts.writeText === undefined ? undefined : { writeText: parts.writeText };
  return { document, navigator: { clipboard }, ...(parts.desktop && { vllmTray: {} }) } as unknown as Window;
}

test('the desktop app copies by the contract, a browser by its clipboard', async () => {
  const request = vi.fn(() => true);
  const writeText = vi.fn(async () => undefined);
  const desktop = createCopyText(bridgeOf(request), pageOf({ desktop: true, writeText }));
  expect(await desktop('one')).toBe(true);
  expect(request).toHaveBeenCalledWith('app.copyText', { text: 'one' });
  expect(writeText).not.toHaveBeenCalled();
  const browser = createCopyText(bridgeOf(request), pageOf({ desktop: false, writeText }));
  expect(await browser('two')).toBe(true);
  expect(writeText).toHaveBeenCalledWith('two');
  expect(request).toHaveBeenCalledTimes(1);
});

test('where every other way is refused it selects and copies, and says when that fails too', async () => {
  const refused = async () => {
    throw new Error('NotAllowedError');
  };
  let selected = '';
  let works = true;
  const execCommand = () => {
    selected = document.querySelector('textarea')?.value ?? '';
    return works;
  };
  const page = pageOf({ desktop: true, writeText: refused });
  Object.assign(page.document, { execCommand });
  const copy = createCopyText(
    bridgeOf(() => false),
    page,
  );
  expect(await copy('three')).toBe(true);
  expect(selected).toBe('three');
  expect(document.querySelector('textarea')).toBeNull();
  works = false;
  expect(await copy('four')).toBe(false);
});
