import { useId } from 'react';
import { useWords } from '../state/language.ts';
import { useSnapshot } from '../state/services.ts';
import { HostSelect } from './HostSelect.tsx';
import { ServeField } from './ServeField.tsx';
import css from './ServeFieldset.module.css';
import { type GpuWay, type LauncherWay, placed, type ServeErrors, type ServeFields } from './serve-fields.ts';
import { launchesWords } from './words.ts';

interface Props {
  readonly fields: ServeFields;
  readonly errors: ServeErrors;
  readonly onChange: (fields: ServeFields) => void;
}

/** What to serve, where, how and for how long. */
export function ServeFieldset({ fields, errors, onChange }: Props) {
  const words = useWords(launchesWords);
  const text = useTextFields({ fields, errors, onChange });
  return (
    <div className={css.fields}>
      <ModelField {...text('model')} />
      <ServeField {...text('hostId')} label={words.hostField}>
        {(props) => (
          <HostSelect
            {...props}
            value={fields.hostId}
            onChoose={(hostId) => onChange({ ...fields, hostId })}
          />
        )}
      </ServeField>
      <GpuFields fields={fields} errors={errors} onChange={onChange} />
      <LauncherFields fields={fields} errors={errors} onChange={onChange} />
      <div className={css.whole}>
        <ServeField {...text('args')} label={words.argsField} hint={words.argsHint} mono />
      </div>
      <div className={css.whole}>
        <ServeField {...text('env')} label={words.envField} help={words.envHelp} rows={2} mono />
      </div>
      <div className={`${css.whole} ${css.group}`}>
        <ServeField {...text('lifetime')} label={words.lifetimeField} hint={words.lifetimeHint} />
        <ServeField {...text('remotePort')} label={words.portField} hint={words.portHint} />
        <ServeField {...text('name')} label={words.nameField} hint={words.nameHint} />
      </div>
    </div>
  );
}

/** What a text field is given, by its name. */
function useTextFields({ fields, errors, onChange }: Props) {
  const { problems } = useWords(launchesWords);
  return (field: keyof ServeFields) => {
    const problem = errors[field];
    return {
      value: fields[field],
      error: problem && problems[problem],
      onText: (value: string) => onChange({ ...fields, [field]: value }),
    };
  };
}

interface TextProps {
  readonly value: string;
  readonly error: string | undefined;
  readonly onText: (value: string) => void;
}

/** Offers the models that are known: most often another copy of one is wanted. */
function ModelField(text: TextProps) {
  const words = useWords(launchesWords);
  const { servers } = useSnapshot();
  const listId = useId();
  const known = [...new Set(servers.flatMap(({ models }) => models.map(({ id }) => id)))].slice(0, 200);
  return (
    <div>
      <ServeField {...text} label={words.modelField} hint={words.modelHint} list={listId} />
      <datalist id={listId}>
        {known.map((id) => (
          <option key={id} value={id} />
        ))}
      </datalist>
    </div>
  );
}

function GpuFields(props: Props) {
  const { fields, onChange } = props;
  const words = useWords(launchesWords);
  const text = useTextFields(props);
  const ways = Object.keys(words.gpuWays) as readonly GpuWay[];
  return (
    <div className={css.group}>
      <ServeField {...text('gpuWay')} label={words.gpusField}>
        {(control) => (
          <select
            {...control}
            className="input"
            value={fields.gpuWay}
            onChange={({ target }) => onChange({ ...fields, gpuWay: target.value as GpuWay })}
          >
            {ways.map((way) => (
              <option key={way} value={way}>
                {words.gpuWays[way]}
              </option>
            ))}
          </select>
        )}
      </ServeField>
      {fields.gpuWay === 'count' && (
        <>
          <ServeField {...text('gpuCount')} label={words.countField} numeric />
          <ServeField {...text('minGiB')} label={words.memoryField} hint={words.anyMemory} numeric />
        </>
      )}
      {fields.gpuWay === 'indices' && (
        <ServeField {...text('gpuIndices')} label={words.indicesField} hint="0,3" />
      )}
    </div>
  );
}

function LauncherFields(props: Props) {
  const { fields, onChange } = props;
  const words = useWords(launchesWords);
  const text = useTextFields(props);
  const { launcher } = fields;
  const ways = Object.keys(words.launcherWays) as readonly LauncherWay[];
  return (
    <div className={css.group}>
      <ServeField
        {...text('launcher')}
        label={words.launcherField}
        help={launcher === 'auto' ? words.autoHelp : undefined}
      >
        {(control) => (
          <select
            {...control}
            className="input"
            value={launcher}
            onChange={({ target }) => onChange({ ...fields, launcher: target.value as LauncherWay })}
          >
            {ways.map((way) => (
              <option key={way} value={way}>
                {words.launcherWays[way]}
              </option>
            ))}
          </select>
        )}
      </ServeField>
      {placed[launcher] && (
        <ServeField
          {...text('place')}
          label={words.placeField[launcher as keyof typeof words.placeField]}
          hint={words.placeHint[launcher as keyof typeof words.placeHint]}
        />
      )}
    </div>
  );
}
