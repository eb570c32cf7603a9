import { register } from 'node:module';

register('./built-code-hooks.mjs', import.meta.url);
