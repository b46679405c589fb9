import { quickTest } from './quick-test.ts';
import { r13 } from './scenarios/r13-intake-of-a-crowd.ts';

quickTest(r13);
