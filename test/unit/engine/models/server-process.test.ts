import { describe, expect, it } from 'vitest';
import { withProcesses } from '#engine/models/server-process.ts';
import { type Kin, parseKin } from '#engine/probe/kin.ts';
import { parsePs } from '#engine/probe/processes.ts';
import { server } from '../../../support/snapshot.ts';

const id = 'a1b2c3d4e5f6'.padEnd(64, '0');
const now = 1_700_000_000_000;

function kin(lines: string, ps: string): Kin {
  return parseKin(lines, parsePs(ps));
}

const listens = (port: number, pid: number | null, process: string | null = null) => ({
  port,
  address: '127.0.0.1',
  alternatives: [],
  process,
  pid,
});

const joined = (
  pid: number | null,
  related: Kin,
  holders: readonly (readonly [pid: number, gpu: number])[],
) =>
  withProcesses([server('a', 8000, ['m'])], {
    listening: [listens(8000, pid)],
    holders: holders.map(([holder, gpu]) => ({ pid: holder, gpu })),
    kin: related,
    now,
  })[0]?.process;

describe('the process of a server', () => {
  it('holds the GPUs of all that it has started, and no others', () => {
    const related = kin(
      'parent 10 5\nparent 5 1\nparent 20 10\nparent 31 20\nparent 32 20\nparent 99 5\n',
      '   10 maria       01:00:00 vllm serve m --api-key s3cret\n   31 maria 59:00 VLLM::Worker\n',
    );
    expect(
      joined(10, related, [
        [31, 1],
        [32, 0],
        [31, 1],
        [99, 7],
      ]),
    ).toEqual({
      pid: 10,
      user: 'maria',
      startedAt: now - 3_600_000,
      args: 'vllm serve m --api-key …',
      container: null,
      gpus: [0, 1],
    });
  });

  it('behind docker-proxy is the one in the container of that address', () => {
    const related = kin(
      `parent 40 39\ngroup 40 0::/system.slice/docker-${id}.scope\naddress 40 172.17.0.2\nparent 50 1\n`,
      `   7 root 10:00 /usr/bin/docker-proxy -proto tcp -host-ip 0.0.0.0 -host-port 8000 -container-ip 172.17.0.2 -container-port 8000\n   40 root 10:00 vllm serve m\n`,
    );
    expect(
      joined(7, related, [
        [40, 3],
        [50, 0],
      ]),
    ).toMatchObject({
      pid: 40,
      args: 'vllm serve m',
      container: { kind: 'docker', id: 'a1b2c3d4e5f6' },
      gpus: [3],
    });
  });

  it('behind conmon is the one in the container of that id', () => {
    const related = kin(
      `group 40 0::/machine.slice/libpod-${id}.scope\n`,
      `   7 root 10:00 /usr/bin/conmon --api-version 1 -c ${id} -u ${id}\n   40 root 10:00 vllm serve m\n`,
    );
    expect(joined(7, related, [[40, 2]])).toMatchObject({
      container: { kind: 'podman', id: 'a1b2c3d4e5f6' },
      gpus: [2],
    });
  });

  it('behind rootlessport is the one in the network that it leads to, by the conmon that keeps it', () => {
    const conmon = (pid: number, kept: string) =>
      `   ${pid} maria 10:00 /usr/bin/conmon --api-version 1 -c ${kept} -u ${kept}\n`;
    const related = kin(
      'parent 7 1\nparent 41 40\nparent 40 39\nparent 39 1\nparent 51 50\nparent 50 49\nparent 49 1\nleads 7 50\nleads 7 51\n',
      `   7 maria 10:00 rootlessport\n   50 maria 10:00 vllm serve m\n${conmon(39, id)}${conmon(49, 'f'.repeat(64))}`,
    );
    expect(
      joined(7, related, [
        [41, 0],
        [51, 3],
        [50, 3],
      ]),
    ).toMatchObject({ container: { kind: 'podman', id: 'ffffffffffff' }, gpus: [3], user: 'maria' });
    // On no GPU it is not known which it is.
    expect(joined(7, related, [[41, 0]])).toMatchObject({ pid: 7, container: null, gpus: [] });
  });

  it('is unknown where the login sees none, or ps says nothing of it', () => {
    const related = kin('parent 10 1\n', '');
    expect(joined(null, related, [[10, 0]])).toBeNull();
    expect(joined(10, related, [[10, 0]])).toBeNull();
  });

  it('began when it was first said to', () => {
    const related = kin('parent 10 1\n', '   10 maria 10:00 vllm serve m\n');
    const before = { ...server('a', 8000, ['m']), process: joined(10, related, []) ?? null };
    const [again] = withProcesses([before], {
      listening: [listens(8000, 10)],
      holders: [],
      kin: related,
      now: now + 15_000,
    });
    expect(again?.process?.startedAt).toBe(now - 600_000);
  });
});
