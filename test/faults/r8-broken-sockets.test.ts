import { quickTest } from './quick-test.ts';
import { r8 } from './scenarios/r8-broken-sockets.ts';

quickTest(r8);
