import type { ComponentProps } from 'react';
import { settingsBounds } from '#common/bounds.ts';
import { NamesRow } from '../fields/NamesRow.tsx';
import { fieldWords } from '../fields/words.ts';
import { useWords } from '../state/language.ts';

type Props = Omit<ComponentProps<typeof NamesRow<string>>, 'read' | 'badText' | 'most'>;

/** A list of names in which `*` and `?` stand for others, as long as the settings allow. */
export function GlobsRow(props: Props) {
  const { badName } = useWords(fieldWords);
  const { globLength, globCount } = settingsBounds;
  return <NamesRow {...props} read={readGlob} badText={badName(globLength)} most={globCount} />;
}

function readGlob(text: string): string | null {
  return text.length <= settingsBounds.globLength ? text : null;
}
