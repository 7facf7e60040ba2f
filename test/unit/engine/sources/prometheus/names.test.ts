import { describe, expect, it } from 'vitest';
import { hostNameOf, hostPartOf, originOf, placeLabels, portOf } from '#engine/sources/prometheus/names.ts';

const nodeNames = new Map([['10.0.0.7', 'gpu-07']]);
const named = (labels: Record<string, string>, hostLabel = '') =>
  hostNameOf(labels, { hostLabel, nodeNames });

describe('the name of a host', () => {
  it('is the chosen label before all', () => {
    expect(named({ rack_host: 'a', node: 'b', instance: 'c:9400' }, 'rack_host')).toBe('a');
    expect(named({ node: 'b', instance: 'c:9400' }, 'rack_host')).toBe('b');
  });
  it('is node before Hostname, and either spelling of that', () => {
    expect(named({ node: 'n', Hostname: 'h', instance: 'c:9400' })).toBe('n');
    expect(named({ Hostname: 'h', instance: 'c:9400' })).toBe('h');
    expect(named({ hostname: 'h', instance: 'c:9400' })).toBe('h');
  });
  it.each([
    ['localhost', {}],
    ['nvidia-dcgm-exporter-x7k2p', {}],
    ['my-own-pod', { exported_pod: 'my-own-pod' }],
  ])('is not the Hostname %s', (Hostname, more) => {
    expect(named({ Hostname, instance: '10.0.0.7:9400', ...more })).toBe('gpu-07');
  });
  it('is the instance without its port where nothing else is known', () => {
    expect(named({ instance: '10.0.0.8:9400' })).toBe('10.0.0.8');
    expect(named({})).toBeNull();
  });
  it('has no control marks, and an end', () => {
    expect(named({ node: `a\u001b[31m${'b'.repeat(500)}` })).not.toMatch(/\u001b|b{300}/);
  });
});

describe('an instance', () => {
  it.each([
    ['gpu-01:9400', 'gpu-01', 9400],
    ['[fd00::1]:9400', 'fd00::1', 9400],
    ['fd00::1', 'fd00::1', null],
    ['https://gpu-01:9400/metrics', 'gpu-01', 9400],
    ['gpu-01', 'gpu-01', null],
  ] as const)('%s is of %s', (instance, host, port) => {
    expect(hostPartOf(instance)).toBe(host);
    if (!instance.startsWith('fd00')) expect(portOf(instance)).toBe(port);
  });
});

describe('the exporter of a series', () => {
  const passedOn = (exported_instance: string) => originOf({ instance: 'gateway:9091', exported_instance });

  it('is its instance, and behind a Pushgateway the one that pushed', () => {
    expect(originOf({ instance: 'gpu-01:9400' })).toEqual(['instance', 'gpu-01:9400']);
    expect(passedOn('gpu-01:9400')).toEqual(['exported_instance', 'gpu-01:9400']);
    expect(named({ instance: 'gateway:9091', exported_instance: '10.0.0.7:9400' })).toBe('gpu-07');
    expect(originOf({})).toBeNull();
  });

  it.each([
    'localhost:9400',
    '127.0.0.1:9400',
    '[::1]:9400',
    '0.0.0.0:9400',
    'http://localhost/metrics',
    ':9400',
  ])('is not %s, which every computer has', (own) =>
    expect(passedOn(own)).toEqual(['instance', 'gateway:9091']),
  );
});

it('keeps the labels of the place alone', () => {
  const labels = {
    __name__: 'x',
    instance: 'a:1',
    gpu: '0',
    UUID: 'u',
    modelName: 'H100',
    DCGM_FI_DRIVER_VERSION: '570',
    pod: 'p',
    cluster: 'north',
    rack: 'r1',
    job: 'dcgm',
  };
  expect(placeLabels(labels)).toEqual({ cluster: 'north', rack: 'r1' });
  expect(placeLabels(labels, 'job')).toEqual({ cluster: 'north', rack: 'r1', job: 'dcgm' });
  const many = Object.fromEntries(Array.from({ length: 40 }, (_none, at) => [`label_${at}`, 'x']));
  const bounded = placeLabels({ ...many, team: 'vision' }, 'team');
  expect(Object.keys(bounded)).toHaveLength(12);
  expect(bounded.team).toBe('vision');
});
