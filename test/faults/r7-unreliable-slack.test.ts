import { quickTest } from './quick-test.ts';
import { r7 } from './scenarios/r7-unreliable-slack.ts';

quickTest(r7);
