// First, so that a component's own sheet comes after them.
import './styles/tokens.css';
import './styles/base.css';
import './styles/controls.css';
import { createRoot } from 'react-dom/client';
import { App } from './App.tsx';
import { createServices, ServicesContext } from './state/services.ts';
import { applyLook, keptLook } from './state/theme.ts';
import { chooseFace } from './transport/choose.ts';

applyLook(keptLook());

const container = document.getElementById('root');
if (container === null) throw new Error('index.html has no #root');
const services = createServices(chooseFace(window), window);
createRoot(container).render(
  <ServicesContext value={services}>
    <App />
  </ServicesContext>,
);
