import { createRoot } from 'react-dom/client';
import { App } from './App.tsx';
import { createServices, ServicesContext } from './state/services.ts';
import { applyLook, keptLook } from './state/theme.ts';
import { chooseFace } from './transport/choose.ts';
import './styles/tokens.css';
import './styles/base.css';
import './styles/shell.css';
import './styles/table.css';
import './styles/gpus.css';
import './styles/forwards.css';
import './styles/overlays.css';
import './styles/dialogs.css';
import './styles/fields.css';
import './styles/settings.css';
import './styles/diagnostics.css';
import './styles/welcome.css';

applyLook(keptLook());

const container = document.getElementById('root');
if (container === null) throw new Error('index.html has no #root');
const services = createServices(chooseFace(window), window);
createRoot(container).render(
  <ServicesContext value={services}>
    <App />
  </ServicesContext>,
);
