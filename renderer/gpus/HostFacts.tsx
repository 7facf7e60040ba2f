import { Fragment } from 'react';
import type { Formats } from '#common/format.ts';
import type { Host, HostSystem } from '#common/hosts.ts';
import { hashOf } from '#common/place.ts';
import { Age, Fact, Facts } from '../components/Fact.tsx';
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
    <Facts>
      {endpoint && (
        <Fact name={words.address}>{`${endpoint.user}@${endpoint.hostname}:${endpoint.port}`}</Fact>
      )}
      {host.group !== null && <Fact name={words.group}>{host.group}</Fact>}
      {host.source.kind === 'prometheus' && (
        <Fact name={words.values}>{words.valuesFrom(host.source.name, host.source.instance)}</Fact>
      )}
      {driverVersion !== null && <Fact name={words.driver}>{driverVersion}</Fact>}
      {cudaVersion !== null && <Fact name={words.cuda}>{cudaVersion}</Fact>}
      {system !== null && (system.load1 !== null || system.cpuCount !== null) && (
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
    </Facts>
  );
}

function loadText({ load1, cpuCount }: HostSystem, words: Words, { tenth }: Formats): string {
  const load = load1 === null ? '–' : tenth(load1);
  return cpuCount === null ? load : words.loadOf(load, cpuCount);
}

function memoryText({ memUsedMiB, memTotalMiB }: HostSystem, words: Words, { gib, memory }: Formats): string {
  return words.memoryOf(gib(memUsedMiB), memory(memTotalMiB));
}
