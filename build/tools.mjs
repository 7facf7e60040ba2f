/** Programs of others that the tests use: found, or installed where that needs nobody's word. */

import { spawnSync } from 'node:child_process';
import { accessSync, chmodSync, constants, existsSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';

/** What each is for, where it may be, and the Debian package that has it. */
const tools = [
  {
    name: 'Chromium',
    suites: 'the tests in a browser',
    package: 'chromium',
    programs: ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'],
  },
  {
    name: 'OpenSSH server (sshd)',
    suites: 'the tests against real sshd',
    package: 'openssh-server',
    programs: ['sshd'],
  },
  { name: 'fish', suites: 'logins with that shell', package: 'fish', programs: ['fish'] },
  { name: 'tmux', suites: 'forwards in tmux sessions', package: 'tmux', programs: ['tmux'] },
  { name: 'tcsh', suites: 'logins with that shell', package: 'tcsh', programs: ['tcsh'] },
];

/**
 * Installs what is missing, as root with apt. Returns one sentence for each tool that is still missing afterwards.
 * `say` is told before something is installed.
 */
export function ensureTools(say) {
  const missing = tools.filter((tool) => !isThere(tool));
  if (missing.length > 0 && process.getuid?.() === 0 && findProgram('apt-get') !== null) {
    say(`Installing ${missing.map((tool) => tool.package).join(', ')} for the tests ...`);
    aptInstall(missing.map((tool) => tool.package));
  }
  return missing
    .filter((tool) => !isThere(tool))
    .map((tool) => `${tool.name} is missing: ${tool.suites} are skipped (Debian package ${tool.package}).`);
}

function isThere({ programs }) {
  return programs.some((program) => findProgram(program) !== null);
}

function findProgram(name) {
  // Users' PATH leaves out the folders of system programs, where sshd is.
  const folders = [...(process.env.PATH ?? '').split(path.delimiter), '/usr/sbin', '/sbin'];
  return folders.map((folder) => path.join(folder, name)).find(isExecutable) ?? null;
}

function isExecutable(file) {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    // Not there, or not for us.
    return false;
  }
}

function aptInstall(packages) {
  const apt = (...args) =>
    spawnSync('apt-get', ['-qq', '-y', ...args], {
      stdio: ['ignore', 'ignore', 'inherit'],
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    });
  withoutServices(() => {
    // A fresh container has no package lists.
    apt('update');
    apt('install', '--no-install-recommends', ...packages);
  });
}

/** Debian asks this file before a package starts its service: the tests want the program sshd, not a server on this machine. */
function withoutServices(work) {
  const policy = '/usr/sbin/policy-rc.d';
  if (existsSync(policy)) return work();
  writeFileSync(policy, '#!/bin/sh\nexit 101\n');
  chmodSync(policy, 0o755);
  try {
    return work();
  } finally {
    rmSync(policy);
  }
}
