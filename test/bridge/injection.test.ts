import { testInjection } from '../support/injection/test-injection.ts';

testInjection(208);
