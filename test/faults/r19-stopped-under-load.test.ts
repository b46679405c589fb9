import { quickTest } from './quick-test.ts';
import { r19 } from './scenarios/r19-stopped-under-load.ts';

quickTest(r19);
