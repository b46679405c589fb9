import { quickTest } from './quick-test.ts';
import { r10 } from './scenarios/r10-missing-events.ts';

quickTest(r10);
