import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { containerOf, lineOf, parseKin } from '#engine/probe/kin.ts';

const id = '3f2a9c1b7d60'.padEnd(64, 'e');

describe('the container that a cgroup names', () => {
  it.each([
    [`0::/system.slice/docker-${id}.scope`, 'docker'],
    [`12:devices:/docker/${id}`, 'docker'],
    [`0::/machine.slice/libpod-${id}.scope`, 'podman'],
    [`0::/user.slice/user-1000.slice/user@1000.service/user.slice/libpod-${id}.scope/container`, 'podman'],
    [`0::/kubepods.slice/kubepods-burstable.slice/cri-containerd-${id}.scope`, 'kubernetes'],
    [`0::/kubepods/besteffort/pod0a/${id}`, 'kubernetes'],
    [`0::/lxc/${id}`, 'container'],
  ])('%s', (group, kind) => {
    expect(containerOf(group)).toEqual({ kind, id: '3f2a9c1b7d60' });
  });

  it('is the job of Slurm', () => {
    expect(containerOf('0::/slurm/uid_1000/job_77/step_0/task_0')).toEqual({ kind: 'slurm', id: '77' });
    expect(containerOf('0::/system.slice/slurmstepd.scope/job_8/step_0')).toEqual({ kind: 'slurm', id: '8' });
  });

  it.each(['0::/', '0::/user.slice/session-3.scope', `0::/docker/${id}e`, '0::/docker/short', ''])(
    'is none in %s',
    (group) => {
      expect(containerOf(group)).toBeNull();
    },
  );
});

describe('what the host says of processes', () => {
  it('is who started them, their containers and addresses', () => {
    const kin = parseKin(
      `parent 30 20\nparent 20 1\ngroup 30 0::/docker/${id}\naddress 30 127.0.0.1\naddress 30 172.17.0.2\n`,
    );
    expect(kin.parents).toEqual(
      new Map([
        [30, 20],
        [20, 1],
      ]),
    );
    expect(kin.containers.get(30)).toMatchObject({ kind: 'docker' });
    expect(kin.addresses.get(30)).toEqual(['127.0.0.1', '172.17.0.2']);
  });

  it('is read whatever it says', () => {
    const line = fc.oneof(
      fc.string(),
      fc
        .tuple(fc.constantFrom('parent', 'group', 'address', 'leads'), fc.nat(), fc.string())
        .map((all) => all.join(' ')),
    );
    fc.assert(
      fc.property(fc.array(line, { maxLength: 50 }), (lines) => {
        const { parents, addresses } = parseKin(lines.join('\n'));
        for (const [pid, parent] of parents) expect(pid + parent).toBeGreaterThanOrEqual(0);
        for (const each of addresses.values()) expect(each.length).toBeLessThanOrEqual(16);
      }),
    );
  });

  it('a circle of parents has an end', () => {
    expect(
      lineOf(
        3,
        new Map([
          [3, 2],
          [2, 3],
        ]),
      ),
    ).toEqual([3, 2]);
    expect(lineOf(5, new Map([[5, 1]]))).toEqual([5]);
  });
});
