import { quickTest } from './quick-test.ts';
import { r5 } from './scenarios/r5-homeserver-killed.ts';

quickTest(r5);
