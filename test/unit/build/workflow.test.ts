import { readFileSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { expect, it } from 'vitest';

const folder = path.join(import.meta.dirname, '..', '..', '..', '.github', 'workflows');
const workflows = (await readdir(folder)).map((name) => [
  name,
  readFileSync(path.join(folder, name), 'utf8'),
]);

it.each(workflows)('%s runs code of others only by its commit', (_name, text = '') => {
  const used = [...text.matchAll(/uses: (.*)/g)].map(([, what]) => what);
  expect(used.length).toBeGreaterThan(0);
  for (const what of used) expect(what).toMatch(/^[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
});

it.each(workflows)('%s may do nothing but read, is given no secret, and ends', (_name, text = '') => {
  expect(text).toMatch(/^permissions: \{\}$/m);
  expect(text).not.toMatch(/secrets|write/);
  const jobs = text.match(/runs-on:/g) ?? [];
  expect(text.match(/timeout-minutes: \d+/g)).toHaveLength(jobs.length);
  expect(text).toContain('cancel-in-progress: true');
});
