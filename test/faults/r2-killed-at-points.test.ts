import { quickTest } from './quick-test.ts';
import { r2 } from './scenarios/r2-killed-at-points.ts';

quickTest(r2);
