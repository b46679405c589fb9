import { quickTest } from './quick-test.ts';
import { r21 } from './scenarios/r21-put-to-rest.ts';

quickTest(r21);
