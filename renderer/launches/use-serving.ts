import { useEffect, useRef, useState } from 'react';
import { AppError } from '#common/failure.ts';
import type { LaunchRequest } from '#common/launch-request.ts';
import type { LaunchPlan } from '#common/launches.ts';
import { detailText } from '#common/words/details.ts';
import { errorWords } from '#common/words/states.ts';
import { useLanguage } from '../state/language.ts';
import { reveal } from '../state/route.ts';
import { useServices } from '../state/services.ts';
import type { ServeErrors, ServeFields } from './serve-fields.ts';
import { readServeForm } from './serve-form.ts';

export type Step =
  | { readonly kind: 'asking' | 'planning' }
  | { readonly kind: 'planned' | 'starting'; readonly plan: LaunchPlan };

/** The steps of the dialog: fields, the plan that the engine makes of them, and its start. */
export function useServing(initial: ServeFields, onClose: () => void) {
  const { bridge } = useServices();
  const language = useLanguage();
  const [fields, setFields] = useState(initial);
  const [errors, setErrors] = useState<ServeErrors>({});
  const [refusal, setRefusal] = useState<string | null>(null);
  const [step, setStep] = useState<Step>({ kind: 'asking' });
  const isOpen = useIsMounted();

  /** A dialog that was closed meanwhile shows no answer. */
  const attempt = async (before: Step, work: () => Promise<void>) => {
    setRefusal(null);
    try {
      await work();
    } catch (error) {
      if (!isOpen()) return;
      const { code, detail } = error instanceof AppError ? error : new AppError('internal');
      const { title, hint } = errorWords(code, language);
      const reason = detailText(detail, language);
      setRefusal(`${title}${reason === '' ? '' : ` (${reason})`}. ${hint}`);
      setStep(before);
    }
  };
  const plan = (request: LaunchRequest) =>
    attempt({ kind: 'asking' }, async () => {
      setStep({ kind: 'planning' });
      const made = await bridge.call('launch.plan', request);
      if (isOpen()) setStep({ kind: 'planned', plan: made });
    });
  const start = (made: LaunchPlan) =>
    // What was chosen may be taken by now: another look chooses anew.
    attempt({ kind: 'asking' }, async () => {
      setStep({ kind: 'starting', plan: made });
      const id = await bridge.call('launch.start', { planId: made.id });
      if (!isOpen()) return;
      onClose();
      reveal({ view: 'models', id });
    });

  /** Says at the fields what is wrong with them. */
  const read = (): LaunchRequest | null => {
    const reading = readServeForm(fields);
    setErrors(reading.ok ? {} : reading.errors);
    return reading.ok ? reading.request : null;
  };

  return {
    fields,
    setFields: (changed: ServeFields) => {
      setFields(changed);
      setErrors({});
    },
    errors,
    refusal,
    step,
    read,
    back: () => setStep({ kind: 'asking' }),
    submit: () => {
      if (step.kind === 'planned') return void start(step.plan);
      if (step.kind !== 'asking') return;
      const request = read();
      if (request !== null) void plan(request);
    },
  };
}

function useIsMounted(): () => boolean {
  const mounted = useRef(true);
  useEffect(() => {
    mounted.current = true;
    return () => {
      mounted.current = false;
    };
  }, []);
  return () => mounted.current;
}
