/** Set up before every test of the window: what testing-library waits for has as long as what every other test waits for. */

import { configure } from '@testing-library/react';
import { patienceMs } from '../support/patience.ts';

configure({ asyncUtilTimeout: patienceMs });
