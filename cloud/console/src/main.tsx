import './theme/tokens.css';
import './theme/base.css';
import { startTexts } from './i18n/start-texts.js';

// Texts and program are fetched side by side; this entry stays small so that both are asked for at once.
const [{ start }] = await Promise.all([import('./app/start.js'), startTexts()]);
await start();
