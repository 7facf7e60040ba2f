import { useState } from 'react';
import { SettingRow } from '../fields/SettingRow.tsx';
import { permissionOf } from '../notices/page-notifications.ts';
import { useWords } from '../state/language.ts';
import { ruleWords } from './rule-words.ts';

/** Whether the browser lets this page notify. It is asked by a click here and never else. */
export function PermissionRow() {
  const words = useWords(ruleWords);
  const [permission, setPermission] = useState(() => permissionOf(window));
  const ask = async () => {
    await window.Notification.requestPermission();
    setPermission(permissionOf(window));
  };
  return (
    <SettingRow label={words.permission} help={words.permissions[permission]} button>
      {(control) =>
        permission === 'default' && (
          <button {...control} type="button" className="button" onClick={() => void ask()}>
            {words.allow}
          </button>
        )
      }
    </SettingRow>
  );
}
