import type { Settings } from '#common/settings.ts';
import { type NumberGroup, type NumberName, rangeOf } from '#common/settings-form.ts';
import { NumberRow, type Unit } from '../fields/NumberRow.tsx';
import { useActions } from '../state/services.ts';
import { useSettings } from '../state/settings.ts';

interface Props<Group extends NumberGroup> {
  readonly group: Group;
  readonly name: NumberName<Group>;
  readonly label: string;
  readonly help?: string;
  readonly unit?: Unit;
}

/** A number of a group of the settings, with the range that the schema gives it. */
export function GroupNumber<Group extends NumberGroup>({ group, name, ...row }: Props<Group>) {
  const actions = useActions();
  const settings = useSettings();
  // What NumberName stands for: the compiler does not follow it through the index.
  const numbers = settings[group] as Settings[Group] & Readonly<Record<string, number>>;
  return (
    <NumberRow
      {...row}
      range={rangeOf(group, name)}
      value={numbers[name] ?? 0}
      onChange={(value) =>
        void actions.changeSettings((latest) => ({ [group]: { ...latest[group], [name]: value } }))
      }
    />
  );
}
