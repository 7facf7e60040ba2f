/** Before each unit test file: properties that say nothing else have the seed of the run, and PROPERTY_FACTOR times the cases. */

import fc from 'fast-check';
import { runs } from './runs.ts';

fc.configureGlobal(runs(100));
