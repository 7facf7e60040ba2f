/** Runs suites of tests and remembers what was skipped and what failed, and why: what scrolled by is too much to search. */

import path from 'node:path';
import { startVitest } from 'vitest/node';

const root = path.join(import.meta.dirname, '..');

const tally = { passed: 0, failed: 0, skipped: 0 };
const skips = new Map();
const failures = [];

/** Prints what was skipped and what failed, and why; the last line is `N passed, N failed, N skipped`. Returns whether all is well. */
export function printSummary(missing = []) {
  if (skips.size > 0 || missing.length > 0) console.log('Skipped:');
  for (const sentence of missing) console.log(`  ${sentence}`);
  for (const [suite, reasons] of skips) console.log(`  ${suite}: ${[...reasons].join('; ')}`);
  if (failures.length > 0) console.log('Failed:');
  for (const failure of failures) console.log(`  ${failure.replaceAll('\n', '\n    ')}`);
  if (failures.length > 0)
    console.log(`The property tests began at PROPERTY_SEED=${process.env.PROPERTY_SEED}`);
  console.log(`${tally.passed} passed, ${tally.failed} failed, ${tally.skipped} skipped`);
  return tally.failed === 0;
}

/** Runs suites side by side with so many workers, and counts what they did. */
export async function runRound({ projects, maxWorkers, files = [] }) {
  const vitest = await startVitest('test', files, {
    root,
    config: path.join(root, 'build', 'vitest.config.ts'),
    project: projects,
    ...(maxWorkers && { maxWorkers }),
    watch: false,
    passWithNoTests: true,
    reporters: ['default', createCounter()],
  });
  await vitest.close();
}

/** A reporter that counts, and remembers for what is skipped the reason that the test gave. */
function createCounter() {
  const said = new Map();
  return {
    // A suite that cannot run says why with a line that begins with "skipped".
    onUserConsoleLog({ taskId, content }) {
      if (/^skipped/i.test(content)) said.set(taskId, content.trim().replace(/^skipped[^:]*:\s*/i, ''));
    },
    onTestRunEnd(modules, unhandledErrors) {
      fail('outside the tests', unhandledErrors);
      for (const module of modules) {
        const file = module.relativeModuleId;
        fail(file, module.errors());
        for (const suite of module.children.allSuites()) fail(`${file} > ${suite.fullName}`, suite.errors());
        for (const test of module.children.allTests()) count(module, test, said);
      }
    },
  };
}

/** Counts the errors, and remembers of each its message, with what was expected, and where it was thrown. */
function fail(name, errors) {
  tally.failed += errors.length;
  for (const { message, diff, stacks } of errors) {
    const at = stacks?.[0] && `at ${path.relative(root, stacks[0].file)}:${stacks[0].line}`;
    failures.push([name, message, diff, at].filter(Boolean).join('\n'));
  }
}

function count(module, test, said) {
  const { state, note, errors } = test.result();
  if (state === 'failed') {
    fail(`${module.relativeModuleId} > ${test.fullName}`, [errors[0] ?? {}]);
    return;
  }
  if (state !== 'skipped') {
    tally.passed += 1;
    return;
  }
  tally.skipped += 1;
  // What a failed hook skips is covered by its failure.
  if (test.parent.type === 'suite' && test.parent.errors().length > 0) return;
  const name = `${module.relativeModuleId} > ${test.parent.type === 'suite' ? test.parent.fullName : test.name}`;
  const reasons = skips.get(name) ?? new Set();
  // The name of a test that is skipped alone says what it would need.
  skips.set(name, reasons.add(note ?? said.get(module.id) ?? test.name));
}
