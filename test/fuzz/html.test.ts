import { checkHtmlText } from './checks/check-text.ts';
import { testCorpus, testFuzzed } from './fuzz.ts';

testCorpus('html', checkHtmlText);
testFuzzed('html', checkHtmlText, 400, 7);
