import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { startI18n } from '../i18n/i18n.js';
import { Providers } from './Providers.js';
import { reloadWhenReplaced } from './reload-when-replaced.js';

/** Replaces the frame that `index.html` shows while loading. */
export async function start(): Promise<void> {
  const root = document.getElementById('root');
  if (!root) throw new Error('index.html has no #root');
  reloadWhenReplaced();
  await startI18n();
  createRoot(root).render(
    <StrictMode>
      <Providers />
    </StrictMode>,
  );
}
