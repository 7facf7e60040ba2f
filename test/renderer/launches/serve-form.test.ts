import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { freeDevices } from '#common/free-gpus.ts';
import { defaultSettings } from '#common/settings.ts';
import { blankFields, fieldsOn, type ServeFields } from '../../../renderer/launches/serve-fields.ts';
import { fieldsOf, readServeForm } from '../../../renderer/launches/serve-form.ts';
import { gpu, host } from '../samples.ts';

const typed = (fields: Partial<ServeFields>): ServeFields => ({
  ...blankFields,
  model: 'some/model',
  ...fields,
});

const requestOf = (fields: Partial<ServeFields>) => {
  const reading = readServeForm(typed(fields));
  if (!reading.ok) throw new Error(JSON.stringify(reading.errors));
  return reading.request;
};

const errorsOf = (fields: Partial<ServeFields>) => {
  const reading = readServeForm(typed(fields));
  return reading.ok ? null : reading.errors;
};

describe('the fields of serving', () => {
  test('ask for one free GPU of the host that fits best where nothing else is said', () => {
    expect(requestOf({})).toEqual({
      hostId: null,
      model: 'some/model',
      launcher: { kind: 'auto' },
      gpus: { kind: 'count', count: 1, minGiB: 0 },
      args: [],
      env: {},
      lifetimeSeconds: null,
    });
  });

  test('say all that can be asked for', () => {
    expect(
      requestOf({
        hostId: 'gpu01',
        gpuWay: 'indices',
        gpuIndices: '0, 3 3',
        launcher: 'container',
        place: ' vllm/vllm-openai:latest ',
        args: "--max-model-len 8192 --chat-template 'a b'",
        env: 'HF_HOME=/big disk\n\nX=a=b',
        lifetime: '2h',
        remotePort: '8010',
        name: 'mine',
      }),
    ).toEqual({
      hostId: 'gpu01',
      model: 'some/model',
      name: 'mine',
      remotePort: 8010,
      launcher: { kind: 'container', image: 'vllm/vllm-openai:latest' },
      gpus: { kind: 'indices', indices: [0, 3] },
      args: ['--max-model-len', '8192', '--chat-template', 'a b'],
      env: { HF_HOME: '/big disk', X: 'a=b' },
      lifetimeSeconds: 7200,
    });
    expect(requestOf({ gpuWay: 'model' }).gpus).toBeUndefined();
  });

  test.each<[Partial<ServeFields>, keyof ServeFields, string]>([
    [{ model: ' ' }, 'model', 'noModel'],
    [{ model: '--help' }, 'model', 'noModel'],
    [{ model: 'a\u0007b' }, 'model', 'badValue'],
    [{ gpuCount: 'two' }, 'gpuCount', 'badCount'],
    [{ minGiB: '-1' }, 'minGiB', 'badMemory'],
    [{ gpuWay: 'indices', gpuIndices: '0,x' }, 'gpuIndices', 'badIndices'],
    [{ gpuWay: 'indices' }, 'gpuIndices', 'badIndices'],
    [{ launcher: 'venv' }, 'place', 'noPlace'],
    [{ launcher: 'container', place: '--privileged' }, 'place', 'noPlace'],
    [{ args: "--x 'open" }, 'args', 'openQuote'],
    [{ args: '--api-key secret' }, 'args', 'secret'],
    [{ env: 'no value' }, 'env', 'badEnv'],
    [{ env: 'HF_TOKEN=hf_x' }, 'env', 'secret'],
    [{ env: `NOTE=hf_${'a'.repeat(34)}` }, 'env', 'secret'],
    [{ lifetime: 'soon' }, 'lifetime', 'badLifetime'],
    [{ lifetime: '2000d' }, 'lifetime', 'badLifetime'],
    [{ remotePort: '70000' }, 'remotePort', 'badPort'],
    [{ name: 'a b' }, 'name', 'badName'],
  ])('%j is wrong at %s: %s', (fields, field, problem) => {
    expect(errorsOf(fields)).toEqual({ [field]: problem });
  });

  test('are filled in from a host and from what is free there; an instance has no number', () => {
    const one = host('gpu01', 2, 0);
    const devices = freeDevices(one, defaultSettings.idleRule);
    expect(fieldsOn('gpu01')).toEqual({ ...blankFields, hostId: 'gpu01' });
    expect(fieldsOn('gpu01', devices)).toMatchObject({ gpuWay: 'indices', gpuIndices: '0,1' });
    const instance = { index: 0, uuid: 'MIG-0', profile: null, memUsedMiB: 0, memTotalMiB: 1, processes: [] };
    expect(fieldsOn('gpu01', [{ gpu: gpu(0), instance }])).toMatchObject({ gpuWay: 'count', gpuCount: '1' });
  });

  test('come back from what they asked for', () => {
    const word = fc.string().filter((text) => !/\p{Cc}/u.test(text) && !/^--?(api|hf|token)/i.test(text));
    fc.assert(
      fc.property(
        fc.array(word, { maxLength: 5 }),
        fc.constantFrom('', '30s', '10m', '2h', '1d'),
        (args, lifetime) => {
          const request = { ...requestOf({ lifetime, launcher: 'conda', place: 'env' }), args };
          const again = readServeForm(fieldsOf(request));
          expect(again).toEqual({ ok: true, request });
        },
      ),
    );
  });
});
