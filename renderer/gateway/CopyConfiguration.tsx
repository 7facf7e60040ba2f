import { useState } from 'react';
import { clientIds } from '#common/clients/clients.ts';
import { gatewayModels } from '#common/select/gateway.ts';
import { MenuButton } from '../components/MenuButton.tsx';
import { Select } from '../fields/SelectRow.tsx';
import { Icon } from '../icons/Icon.tsx';
import { useWords } from '../state/language.ts';
import { useSnapshot } from '../state/services.ts';
import { chooseModel, chosenModel } from './chosen-model.ts';
import css from './GatewayPanel.module.css';
import { useGatewayCopies } from './use-copy.ts';
import { gatewayWords } from './words.ts';

/** Which model copied texts name, and the menu of the texts. Without a model there are only the key and the address. */
export function CopyConfiguration() {
  const snapshot = useSnapshot();
  const words = useWords(gatewayWords);
  const copies = useGatewayCopies();
  // Its reader is the page's storage, which no other part of the page writes while this is shown.
  const [, setChosen] = useState<string | null>(null);
  const models = gatewayModels(snapshot);
  const model = chosenModel(models, snapshot.settings);
  const texts =
    model === null
      ? []
      : clientIds.map((client) => ({
          label: words.clients[client],
          onSelect: () => void copies.forClient(client, model),
        }));
  const parts = [
    { label: words.address, apart: model !== null, onSelect: () => void copies.url() },
    { label: words.key, onSelect: () => void copies.key() },
  ];
  return (
    <>
      {model === null ? (
        <span className="dim">{words.noModel}</span>
      ) : (
        <Select
          aria-label={words.model}
          title={model}
          value={model}
          choices={Object.fromEntries(models.map((one) => [one, one]))}
          onChange={(one) => {
            chooseModel(one);
            setChosen(one);
          }}
        />
      )}
      <MenuButton className={`button ${css.copy}`} label={words.copy} entries={[...texts, ...parts]}>
        <Icon name="copy" />
        {words.copy}
        <Icon name="caret" />
      </MenuButton>
    </>
  );
}
