import { quickTest } from './quick-test.ts';
import { r4 } from './scenarios/r4-homeserver-stopped.ts';

quickTest(r4);
