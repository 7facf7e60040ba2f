import { createContext, type ReactNode, useContext, useState } from 'react';
import { later } from '../components/later.tsx';
import type { TestTarget } from './askable.ts';

const TestPromptDialog = later(async () => (await import('./TestPromptDialog.tsx')).TestPromptDialog);
const OpenTest = createContext<(target: TestTarget) => void>(() => undefined);

/** Opens the dialog for a test prompt to that model; below a {@link TestPromptPlace}. */
export function useOpenTest(): (target: TestTarget) => void {
  return useContext(OpenTest);
}

/** Around a view: shows the dialog, which then outlasts the row that it was opened from. */
export function TestPromptPlace({ children }: { readonly children: ReactNode }) {
  const [target, setTarget] = useState<TestTarget | null>(null);
  return (
    <OpenTest value={setTarget}>
      {children}
      {target !== null && <TestPromptDialog target={target} onClose={() => setTarget(null)} />}
    </OpenTest>
  );
}
