import { useState } from 'react';
import { settingsBounds } from '#common/bounds.ts';
import type { LaunchRequest } from '#common/launch-request.ts';
import { useWords } from '../state/language.ts';
import { useActions } from '../state/services.ts';
import { useSettings } from '../state/settings.ts';
import css from './ProfileBar.module.css';
import { ServeField } from './ServeField.tsx';
import type { ServeFields } from './serve-fields.ts';
import { fieldsOf } from './serve-form.ts';
import { launchesWords } from './words.ts';

interface Props {
  /** Null where the fields are wrong, which then say so. */
  readonly read: () => LaunchRequest | null;
  readonly onFields: (fields: ServeFields) => void;
}

/** Fills the fields from a profile, and saves them as one: a chosen one is changed, and renamed by another name. */
export function ProfileBar({ read, onFields }: Props) {
  const words = useWords(launchesWords);
  const { launchProfiles } = useSettings();
  const [chosenId, setChosenId] = useState('');
  const [name, setName] = useState('');
  const [isUnnamed, setUnnamed] = useState(false);
  const { save, remove } = useProfiles();
  const choose = (id: string) => {
    const profile = launchProfiles.find((one) => one.id === id);
    setChosenId(id);
    setName(profile?.name ?? '');
    setUnnamed(false);
    if (profile !== undefined) onFields(fieldsOf(profile.request));
  };
  const keep = () => {
    setUnnamed(name.trim() === '');
    const request = name.trim() === '' ? null : read();
    if (request !== null) setChosenId(save({ id: chosenId, name: name.trim(), request }));
  };
  return (
    <div className={css.bar}>
      {launchProfiles.length > 0 && (
        <ServeField label={words.profile} value={chosenId} error={undefined} onText={choose}>
          {(control) => (
            <select
              {...control}
              className="input"
              value={chosenId}
              onChange={({ target }) => choose(target.value)}
            >
              <option value="">{words.noProfile}</option>
              {launchProfiles.map((profile) => (
                <option key={profile.id} value={profile.id}>
                  {profile.name}
                </option>
              ))}
            </select>
          )}
        </ServeField>
      )}
      <ServeField
        label={words.profileName}
        onEnter={keep}
        hint={words.profileNameHint}
        value={name}
        error={isUnnamed ? words.problems.noProfileName : undefined}
        onText={(text) => {
          setName(text.slice(0, settingsBounds.profileNameLength));
          setUnnamed(false);
        }}
      />
      <div className={css.buttons}>
        <button type="button" className="button" onClick={keep}>
          {words.saveProfile}
        </button>
        {chosenId !== '' && (
          <button
            type="button"
            className="button"
            onClick={() => {
              remove(chosenId);
              choose('');
            }}
          >
            {words.deleteProfile}
          </button>
        )}
      </div>
    </div>
  );
}

interface Draft {
  /** Empty: a new one. */
  readonly id: string;
  readonly name: string;
  readonly request: LaunchRequest;
}

/** Both can be taken back from the message. */
function useProfiles() {
  const { changeSettings } = useActions();
  const { launchProfiles: before } = useSettings();
  const words = useWords(launchesWords);
  const undo = { launchProfiles: before };
  return {
    save(draft: Draft): string {
      const saved = { ...draft, id: draft.id === '' ? crypto.randomUUID() : draft.id };
      const title = words.profileSaved(saved.name);
      void changeSettings(
        ({ launchProfiles }) => ({
          launchProfiles: launchProfiles.some(({ id }) => id === saved.id)
            ? launchProfiles.map((one) => (one.id === saved.id ? saved : one))
            : [...launchProfiles, saved],
        }),
        { title, undo },
      );
      return saved.id;
    },
    remove(id: string): void {
      const name = before.find((one) => one.id === id)?.name ?? '';
      void changeSettings(
        ({ launchProfiles }) => ({ launchProfiles: launchProfiles.filter((one) => one.id !== id) }),
        { title: words.profileDeleted(name), undo },
      );
    },
  };
}
