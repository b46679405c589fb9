import { quickTest } from './quick-test.ts';
import { r16 } from './scenarios/r16-large-backlog.ts';

quickTest(r16);
