import { settingsBounds } from '#common/bounds.ts';
import { NamesRow } from '../fields/NamesRow.tsx';
import { fieldWords } from '../fields/words.ts';
import { useWords } from '../state/language.ts';
import { useHostNames, useModelNames } from './use-names.ts';
import { settingsWords } from './words.ts';

interface Props {
  /** What the names are of. */
  readonly of: 'hosts' | 'models';
  readonly label: string;
  /** Default: what the letters that stand for others mean. */
  readonly help?: string | undefined;
  readonly values: readonly string[];
  readonly onChange: (values: readonly string[]) => void;
}

const examples = { hosts: 'gpu-*', models: 'meta-llama/*' } as const;

/** A list of names in which `*` and `?` stand for others, as long as the settings allow. */
export function GlobsRow({ of, help, ...row }: Props) {
  const { badName } = useWords(fieldWords);
  const { globsHelp } = useWords(settingsWords);
  const offers = { hosts: useHostNames(), models: useModelNames() };
  const { globLength, globCount } = settingsBounds;
  return (
    <NamesRow
      {...row}
      help={help ?? globsHelp}
      placeholder={examples[of]}
      offers={offers[of]}
      read={readGlob}
      badText={badName(globLength)}
      most={globCount}
    />
  );
}

function readGlob(text: string): string | null {
  return text.length <= settingsBounds.globLength ? text : null;
}
