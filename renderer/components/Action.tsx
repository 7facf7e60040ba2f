import { Icon, type IconName } from '../icons/Icon.tsx';

interface Props {
  readonly icon: IconName;
  readonly name: string;
  readonly pressed?: boolean;
  readonly onPress: () => void;
}

/** A button that is an icon; `name` is its accessible name and its hover text. */
export function Action({ icon, name, pressed, onPress }: Props) {
  return (
    <button
      type="button"
      className="icon-button"
      title={name}
      aria-label={name}
      aria-pressed={pressed}
      onClick={onPress}
    >
      <Icon name={icon} />
    </button>
  );
}
