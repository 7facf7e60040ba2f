/** Programs of others that the tests use: found, or installed where that needs no permission. */

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
  {
    name: 'Prometheus',
    suites: 'the tests of Prometheus as a source',
    package: 'prometheus',
    programs: ['/usr/bin/prometheus'],
  },
  {
    name: 'node_exporter',
    suites: 'the tests of Prometheus as a source',
    package: 'prometheus-node-exporter',
    programs: ['/usr/bin/prometheus-node-exporter'],
  },
  {
    name: 'Pushgateway',
    suites: 'Prometheus with values that were pushed',
    package: 'prometheus-pushgateway',
    programs: ['/usr/bin/prometheus-pushgateway'],
  },
  {
    name: 'VictoriaMetrics',
    suites: 'the same with it in the place of Prometheus',
    package: 'victoria-metrics',
    programs: ['/usr/bin/victoria-metrics'],
  },
  {
    name: 'nginx',
    suites: 'Prometheus behind a login and a prefix',
    package: 'nginx-light',
    programs: ['/usr/sbin/nginx'],
  },
  { name: 'tcsh', suites: 'logins with that shell', package: 'tcsh', programs: ['tcsh'] },
  { name: 'D-Bus', suites: 'the tray on a session bus', package: 'dbus-daemon', programs: ['dbus-daemon'] },
  { name: 'gdbus', suites: 'the tray on a session bus', package: 'libglib2.0-bin', programs: ['gdbus'] },
  {
    name: "D-Bus for Debian's Python",
    suites: 'the tray on a session bus',
    package: 'python3-dbus',
    programs: ['/usr/lib/python3/dist-packages/dbus/__init__.py'],
  },
  {
    name: "GLib for Debian's Python",
    suites: 'the tray on a session bus',
    package: 'python3-gi',
    programs: ['/usr/lib/python3/dist-packages/gi/__init__.py'],
  },
  ...[
    ['Podman', 'podman', '/usr/bin/podman'],
    ["Podman's networks", 'netavark', '/usr/lib/podman/netavark'],
    ["iptables for Podman's networks", 'iptables', '/usr/sbin/iptables'],
    ['slirp4netns for Podman without root', 'slirp4netns', '/usr/bin/slirp4netns'],
    ['newuidmap for Podman without root', 'uidmap', '/usr/bin/newuidmap'],
  ].map(([name, debianPackage, program]) => ({
    name,
    suites: 'models in containers',
    package: debianPackage,
    programs: [program],
  })),
  // Node for Windows is a program for this processor alone.
  ...(process.arch === 'x64'
    ? [
        {
          name: 'Wine',
          suites: 'the programs on Windows',
          package: 'wine64',
          programs: ['/usr/lib/wine/wine64', 'wine64'],
        },
      ]
    : []),
];

/**
 * Installs what is missing, as root with apt. Returns one sentence for each tool that is still missing afterwards.
 * `say` is called before something is installed.
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
  return programs.some((program) =>
    path.isAbsolute(program) ? existsSync(program) : findProgram(program) !== null,
  );
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
    const { status } = apt('install', '--no-install-recommends', ...packages);
    // One that this release does not have must not keep the others away.
    if (status !== 0) for (const name of packages) apt('install', '--no-install-recommends', name);
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
