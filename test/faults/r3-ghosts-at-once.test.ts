import { quickTest } from './quick-test.ts';
import { r3 } from './scenarios/r3-ghosts-at-once.ts';

quickTest(r3);
