import { quickTest } from './quick-test.ts';
import { r1 } from './scenarios/r1-killed-at-random.ts';

quickTest(r1);
