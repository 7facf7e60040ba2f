import { createContext, type ReactNode, useCallback, useContext, useState } from 'react';
import { later } from '../components/later.tsx';
import { blankFields, type ServeFields } from './serve-fields.ts';

const ServeDialog = later(async () => (await import('./ServeDialog.tsx')).ServeDialog);
const OpenServe = createContext<(fields?: ServeFields) => void>(() => undefined);

/** Opens the dialog for serving a model, with what is known filled in; below a {@link ServePlace}. */
export function useOpenServe(): (fields?: ServeFields) => void {
  return useContext(OpenServe);
}

/** Around a view: shows the dialog, which then outlasts the row or panel that it was opened from. */
export function ServePlace({ children }: { readonly children: ReactNode }) {
  const [fields, setFields] = useState<ServeFields | null>(null);
  // The same function always: with another one React would look through all rows below for who uses it, at every update.
  const open = useCallback((filled = blankFields) => setFields(filled), []);
  return (
    <OpenServe value={open}>
      {children}
      {fields !== null && <ServeDialog initial={fields} onClose={() => setFields(null)} />}
    </OpenServe>
  );
}
