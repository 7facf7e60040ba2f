import { Fragment } from 'react';
import type { Formats } from '#common/format.ts';
import type { Host, HostSystem } from '#common/model.ts';
import { hashOf } from '#common/notices.ts';
import { Age, Fact } from '../components/Fact.tsx';
import type { ServedModel } from '../lib/models.ts';
import { useFormats, useWords } from '../state/language.ts';
import { gpuWords } from './words.ts';

interface Props {
  readonly host: Host;
  readonly models: readonly ServedModel[];
}

type Words = (typeof gpuWords)['en'];

/** What is known of a host beside its GPUs, as far as it is. */
export function HostFacts({ host, models }: Props) {
  const { endpoint, driverVersion, cudaVersion, system, client, measuredAt } = host;
  const words = useWords(gpuWords);
  const formats = useFormats();
  return (
    <dl className="facts">
      {endpoint && (
        <Fact name={words.address}>{`${endpoint.user}@${endpoint.hostname}:${endpoint.port}`}</Fact>
      )}
      {driverVersion !== null && <Fact name={words.driver}>{driverVersion}</Fact>}
      {cudaVersion !== null && <Fact name={words.cuda}>{cudaVersion}</Fact>}
      {system !== null && system.load1 !== null && (
        <Fact name={words.load}>{loadText(system, words, formats)}</Fact>
      )}
      {system !== null && system.memTotalMiB !== null && (
        <Fact name={words.hostMemory}>{memoryText(system, words, formats)}</Fact>
      )}
      {client !== null && <Fact name={words.client}>{words.clients[client]}</Fact>}
      {host.forwarding === 'prohibited' && <Fact name={words.forwarding}>{words.forwardingProhibited}</Fact>}
      {models.length > 0 && (
        <Fact name={words.models}>
          {models.map(({ id, serverId }, at) => (
            <Fragment key={`${serverId} ${id}`}>
              {at > 0 && ', '}
              <a href={hashOf({ view: 'models', id: serverId })}>{id}</a>
            </Fragment>
          ))}
        </Fact>
      )}
      {measuredAt !== null && (
        <Fact name={words.measured}>
          <Age sinceMs={measuredAt} />
        </Fact>
      )}
    </dl>
  );
}

function loadText({ load1, cpuCount }: HostSystem, words: Words, { tenth }: Formats): string {
  if (load1 === null) return '–';
  return cpuCount === null ? tenth(load1) : words.loadOf(tenth(load1), cpuCount);
}

function memoryText({ memUsedMiB, memTotalMiB }: HostSystem, words: Words, { gib }: Formats): string {
  return words.memoryOf(gib(memUsedMiB), gib(memTotalMiB));
}
