import { quickTest } from './quick-test.ts';
import { r11 } from './scenarios/r11-fuzzed-inputs.ts';

quickTest(r11);
