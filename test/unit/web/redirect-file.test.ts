import { readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { writeRedirectFile } from '../../../main/web/redirect-file.ts';

const onWindows = process.platform === 'win32';

it('is a page in a folder of this user alone that leads on, and is gone when removed', async () => {
  const before = process.umask(0);
  const page = await writeRedirectFile('http://127.0.0.1:1/?token=t');
  process.umask(before);
  const file = fileURLToPath(page.url);
  expect(page.url).not.toContain('token');
  expect(readFileSync(file, 'utf8')).toContain('content="0;url=http://127.0.0.1:1/?token=t"');
  if (!onWindows) {
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(statSync(path.dirname(file)).mode & 0o777).toBe(0o700);
  }
  await Promise.all([page.remove(), page.remove()]);
  expect(statSync(path.dirname(file), { throwIfNoEntry: false })).toBeUndefined();
});
